using System.Buffers.Binary;
using System.Security.Cryptography;
using CsCheck;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Training.Checkpoints;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

[Collection(TrainingCollection.Name)]
public sealed class CheckpointFileTests
{
    private static readonly Lazy<TrainingCheckpoint> Sample = new(Take);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var read = TrainingCheckpoint.Read(Sample.Value.Content.ToArray());

        (read.Epoch, read.Elapsed).ShouldBe((3, Sample.Value.Elapsed));
        (read.Header with { Tensors = [] }).ShouldBe(Sample.Value.Header with { Tensors = [] });
        read.Header.Tensors.ShouldBe(Sample.Value.Header.Tensors);
        read.Header.Tensors.Select(entry => entry.Name).ShouldBe(["weights", "optimizer/0", "optimizer/1", "generator"]);
    }

    [Fact]
    public void Read_TornAnywhere_IsCorrupt() =>
        Gen.Int[0, Sample.Value.Content.Length - 1].Sample(length => IsCorrupt(Sample.Value.Content[..length]), iter: 500);

    [Fact]
    public void Read_OneBitOther_IsCorrupt() =>
        Gen.Int[0, (8 * Sample.Value.Content.Length) - 1].Sample(bit =>
        {
            var content = Sample.Value.Content.ToArray();
            content[bit / 8] ^= (byte)(1 << (bit % 8));
            return IsCorrupt(content);
        }, iter: 500);

    [Fact]
    public void Read_NewerVersion_SaysWhichIsAccepted()
    {
        var content = Sample.Value.Content.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(8), 3);
        SHA256.HashData(content.AsSpan(..^32), content.AsSpan(^32..));

        var fault = Should.Throw<Fault>(() => TrainingCheckpoint.Read(content));

        (fault.Kind, fault.Message).ShouldBe((FaultKind.Conflict, "checkpoint: it has version 3 of the format; version 2 is accepted"));
    }

    private static bool IsCorrupt(ReadOnlyMemory<byte> content)
    {
        var fault = Should.Throw<Fault>(() => TrainingCheckpoint.Read(content));
        return fault.Kind == FaultKind.Corrupt && fault.Problems[0].Field == "checkpoint";
    }

    private static TrainingCheckpoint Take()
    {
        TrainingCheckpoint? last = null;
        var spec = Given.Classification("species") with { Training = new TrainingSpec { Epochs = 4, EarlyStopping = null, Device = Device.Cpu } };
        using var model = Given.Train(spec, Given.Mixed(40, seed: 3), checkpointing: new Checkpointing { Save = checkpoint => last = checkpoint, MinimumInterval = TimeSpan.Zero, Share = 1 });
        return last!;
    }
}
