using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Mlops.Contracts;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Checkpoints;

/// <summary>What a checkpoint says before its tensors.</summary>
internal sealed record CheckpointHeader
{
    public required CheckpointOrigin Origin { get; init; }

    /// <summary>Of the last epoch that ran.</summary>
    public required EpochReport Last { get; init; }

    /// <summary>Of the best epoch so far; null without early stopping.</summary>
    public EpochReport? Kept { get; init; }

    /// <summary>Steps that the optimiser has made.</summary>
    public required long Steps { get; init; }

    /// <summary>What a schedule that looks at the loss has done; null for others.</summary>
    public PlateauState? Plateau { get; init; }

    /// <summary>The tensors that follow, in their order.</summary>
    public required IReadOnlyList<TensorEntry> Tensors { get; init; }

    /// <summary>A tensor's name and its length in bytes.</summary>
    public sealed record TensorEntry(string Name, long Bytes);
}

/// <summary>
/// The bytes of a checkpoint, all numbers little-endian: <c>MLOPSCKP</c>, the format's version and the header's length (4 bytes
/// each), the header as JSON, each tensor's elements row-major, and the SHA-256 of all before, with which every version ends.
/// </summary>
internal static class CheckpointFile
{
    private const int Version = 2;
    private const int PrefixSize = 16;

    private static ReadOnlySpan<byte> Magic => "MLOPSCKP"u8;

    public static byte[] Write(CheckpointHeader header, IReadOnlyList<Tensor> tensors)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var content = GC.AllocateUninitializedArray<byte>(checked((int)(PrefixSize + json.Length + header.Tensors.Sum(entry => entry.Bytes) + SHA256.HashSizeInBytes)));
        Magic.CopyTo(content);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(12), json.Length);
        json.CopyTo(content, PrefixSize);
        var end = PrefixSize + json.Length;
        foreach (var tensor in tensors)
            tensor.ReadBytes(bytes =>
            {
                bytes.CopyTo(content.AsSpan(end));
                end += bytes.Length;
            });
        SHA256.HashData(content.AsSpan(0, end), content.AsSpan(end));
        return content;
    }

    /// <summary>Reads the header of a whole checkpoint.</summary>
    /// <exception cref="Fault">Corrupt: the bytes are not what was written. Conflict: they are of another version.</exception>
    public static CheckpointHeader Read(ReadOnlySpan<byte> content)
    {
        RequireIntact(content);
        var version = BinaryPrimitives.ReadInt32LittleEndian(content[8..]);
        if (version != Version)
            throw new Fault(FaultKind.Conflict, "checkpoint", $"it has version {version} of the format; version {Version} is accepted");
        return JsonSerializer.Deserialize<CheckpointHeader>(content.Slice(PrefixSize, BinaryPrimitives.ReadInt32LittleEndian(content[12..])))!;
    }

    /// <summary>Each tensor's bytes by its name.</summary>
    public static Dictionary<string, ReadOnlyMemory<byte>> TensorsOf(CheckpointHeader header, ReadOnlyMemory<byte> content)
    {
        var start = content.Length - SHA256.HashSizeInBytes - (int)header.Tensors.Sum(entry => entry.Bytes);
        var tensors = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var entry in header.Tensors)
        {
            tensors.Add(entry.Name, content.Slice(start, (int)entry.Bytes));
            start += (int)entry.Bytes;
        }
        return tensors;
    }

    private static void RequireIntact(ReadOnlySpan<byte> content)
    {
        if (content.Length < PrefixSize + SHA256.HashSizeInBytes || !content.StartsWith(Magic))
            throw new Fault(FaultKind.Corrupt, "checkpoint", $"these {content.Length} bytes are none, or only the begin of one; a whole checkpoint is accepted");
        var end = content.Length - SHA256.HashSizeInBytes;
        if (!SHA256.HashData(content[..end]).AsSpan().SequenceEqual(content[end..]))
            throw new Fault(FaultKind.Corrupt, "checkpoint", $"these {content.Length} bytes are not what their SHA-256 says; a whole, unchanged checkpoint is accepted");
    }
}
