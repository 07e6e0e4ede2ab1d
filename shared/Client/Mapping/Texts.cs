using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Mlops.Protos;

namespace Mlops.Client.Mapping;

/// <summary>Texts in the protocol's raw form: each with its length before it.</summary>
internal static class Texts
{
    public static void Write(MemoryStream bytes, string text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        var encoded = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32LittleEndian(length, encoded.Length);
        bytes.Write(length);
        bytes.Write(encoded);
    }

    public static ByteString ToContents(MemoryStream bytes) => UnsafeByteOperations.UnsafeWrap(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));

    /// <exception cref="InferenceException">They end in the middle of one.</exception>
    public static string[] Read(ReadOnlySpan<byte> contents, string output)
    {
        var texts = new List<string>();
        while (contents.Length > 0)
        {
            var length = contents.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(contents);
            if (length < 0 || length > contents.Length - sizeof(int))
                throw OutputTensor.Malformed($"a '{output}' that ends in row {texts.Count + 1}");
            texts.Add(Encoding.UTF8.GetString(contents.Slice(sizeof(int), length)));
            contents = contents[(sizeof(int) + length)..];
        }

        return [.. texts];
    }

    public static string[] Read(InferTensorContents? contents) => [.. (contents?.BytesContents ?? []).Select(text => text.ToStringUtf8())];
}
