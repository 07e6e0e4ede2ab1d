using CsCheck;
using Google.Protobuf;
using Mlops.Contracts;
using Mlops.Inference;
using Mlops.Inference.Wire;
using Mlops.Protos;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Inference.Requests;

namespace Mlops.UnitTests.Inference;

/// <summary>What is read by hand must be what the generated message says; Google's writer is the other side.</summary>
public sealed class InferRequestReaderTests
{
    private static readonly KnownNames Names = new();

    private static readonly Gen<string> Text = Gen.OneOf(Gen.Const(""), Gen.Const("FP32"), Gen.Const("größe"), Gen.String[Gen.Char.AlphaNumeric, 0, 20]);

    private static readonly Gen<(string Name, string Datatype, long[] Shape, byte[] Contents)> Tensor =
        Gen.Select(Text, Text, Gen.Long.Array[0, 4], Gen.Byte.Array[0, 300]);

    [Fact]
    public void Read_WhatGoogleWrote_IsTheSame() => Gen.Select(Text, Text, Text, Tensor.Array[0, 3], Text.Array[0, 3]).Sample((model, version, id, tensors, outputs) =>
    {
        var message = new ModelInferRequest { ModelName = model, ModelVersion = version, Id = id };
        foreach (var (name, datatype, shape, contents) in tensors)
        {
            message.Inputs.Add(new ModelInferRequest.Types.InferInputTensor { Name = name, Datatype = datatype, Shape = { shape } });
            message.RawInputContents.Add(ByteString.CopyFrom(contents));
        }

        message.Outputs.Add(outputs.Select(name => new ModelInferRequest.Types.InferRequestedOutputTensor { Name = name }));

        var (request, echoed) = InferRequestReader.Read(message.ToByteArray(), Names);

        (request.Model, request.Version, echoed).ShouldBe((model, version, id));
        request.Outputs.ShouldBe(outputs);
        request.Inputs.Select(input => (input.Name, input.Datatype)).ShouldBe(tensors.Select(tensor => (tensor.Name, tensor.Datatype)));
        for (var index = 0; index < tensors.Length; index++)
        {
            request.Inputs[index].Shape.ShouldBe(tensors[index].Shape);
            request.Inputs[index].Contents.ToArray().ShouldBe(tensors[index].Contents);
        }
    });

    [Fact]
    public void Read_FieldsInAnyOrderAndUnpacked_IsTheSame()
    {
        // raw_input_contents first; the tensor's shape once unpacked and once packed; two fields that nobody knows.
        byte[] message = [0x3a, 2, 7, 8, 0x2a, 9, 0x0a, 1, (byte)'x', 0x18, 1, 0x1a, 2, 2, 3, 0x78, 1, 0xfd, 1, 1, 2, 3, 4, 0x0a, 1, (byte)'m'];

        var (request, _) = InferRequestReader.Read(message, Names);

        request.Model.ShouldBe("m");
        var input = request.Inputs.ShouldHaveSingleItem();
        input.Name.ShouldBe("x");
        input.Contents.ToArray().ShouldBe([7, 8]);
        input.Shape.ShouldBe([1, 2, 3]);
        ModelInferRequest.Parser.ParseFrom(message).Inputs[0].Shape.ShouldBe([1, 2, 3], "by Google's reader");
    }

    [Fact]
    public void Read_Parameters_AreUnderstood()
    {
        var message = To("m");
        message.Parameters.Add("priority", new InferParameter { Uint64Param = 2 });
        message.Parameters.Add("timeout", new InferParameter { Int64Param = 1500 });
        message.Parameters.Add("routing_key", new InferParameter { StringParam = "user-7" });
        message.Parameters.Add("sequence_id", new InferParameter { StringParam = "ignored" });

        InferRequestReader.Read(message.ToByteArray(), Names).Request.Parameters.ShouldBe(new RequestParameters(2, TimeSpan.FromMicroseconds(1500), "user-7"));
    }

    [Theory]
    [InlineData("priority", "parameters.priority: expected a whole number from 0, got { \"stringParam\": \"first\" }")]
    [InlineData("timeout", "parameters.timeout: expected a whole number from 0, got { \"stringParam\": \"first\" }")]
    public void Read_ParameterOfAnotherKind_IsRefused(string name, string text)
    {
        var message = To("m");
        message.Parameters.Add(name, new InferParameter { StringParam = "first" });

        Should.Throw<Fault>(() => InferRequestReader.Read(message.ToByteArray(), Names)).Message.ShouldBe(text);
    }

    [Fact]
    public void Read_RoutingKeyThatIsNoText_IsRefused()
    {
        var message = To("m");
        message.Parameters.Add("routing_key", new InferParameter { Int64Param = 7 });

        Should.Throw<Fault>(() => InferRequestReader.Read(message.ToByteArray(), Names)).Message.ShouldBe("parameters.routing_key: expected a text, got { \"int64Param\": \"7\" }");
    }

    [Fact]
    public void Read_CutAnywhere_IsRefusedOrShorter()
    {
        var whole = To("model", Floats("x", [1, 2], 1, 2), Typed("y", "INT64", [1], new InferTensorContents { Int64Contents = { 5 } }));
        whole.RawInputContents.Clear();
        var bytes = whole.ToByteArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            var (google, ours) = (Record(() => ModelInferRequest.Parser.ParseFrom(cut)), Record(() => InferRequestReader.Read(cut, Names)));
            (ours is null).ShouldBe(google is null, $"cut at {length}: {google} {ours}");
            ours?.ShouldBeOfType<Fault>().Kind.ShouldBe(FaultKind.Invalid);
        }
    }

    [Fact]
    public void Read_Mutated_IsReadOrRefused() =>
        Gen.Select(Gen.Int[0, 60], Gen.Byte, Gen.Int[0, 60], Gen.Byte).Sample((first, one, second, two) =>
        {
            var bytes = To("model", Floats("x", [1, 2], 1, 2), Typed("y", "INT64", [1], new InferTensorContents { Int64Contents = { 5 } })).ToByteArray();
            (bytes[first % bytes.Length], bytes[second % bytes.Length]) = (one, two);
            Record(() => InferRequestReader.Read(bytes, Names))?.GetType().ShouldBeOneOf(typeof(Fault), typeof(Grpc.Core.RpcException));
        });

    [Fact]
    public void Read_ManyDimensionsThatAreNotPacked_TakesTimeByTheirNumber()
    {
        // Once each was added to a copy of those before it: hours, for what fits into a message.
        byte[] dims = [.. Enumerable.Repeat((byte[])[3 << 3, 1], 1_000_000).SelectMany(dim => dim)];
        using var message = new MemoryStream();
        using (var writer = new CodedOutputStream(message, leaveOpen: true))
        {
            writer.WriteRawTag(5 << 3 | 2);
            writer.WriteBytes(ByteString.CopyFrom([.. dims, (3 << 3) | 2, 2, 5, 6, 3 << 3, 7]));
        }

        var clock = System.Diagnostics.Stopwatch.StartNew();
        var shape = InferRequestReader.Read(message.ToArray(), Names).Request.Inputs.ShouldHaveSingleItem().Shape;
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        shape.Length.ShouldBe(1_000_003);
        shape[^4..].ShouldBe([1, 5, 6, 7]);
    }

    [Theory]
    [InlineData(5, "inputs")]
    [InlineData(6, "outputs")]
    public void Read_MoreTensorsThanAnyModelHas_IsRefused(int field, string name)
    {
        byte[] message = [.. Enumerable.Repeat((byte[])[(byte)(field << 3 | 2), 0], 65_537).SelectMany(tensor => tensor)];
        Should.Throw<Fault>(() => InferRequestReader.Read(message, Names)).Message.ShouldBe($"{name}: expected at most 65536, got 65537");
    }

    private static Exception? Record(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
