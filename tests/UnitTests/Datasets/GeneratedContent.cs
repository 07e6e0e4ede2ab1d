using System.Net;

namespace Mlops.UnitTests.Datasets;

/// <summary>A body of a pattern again and again, made while it is sent.</summary>
/// <param name="pattern">At least one byte.</param>
/// <param name="length">Bytes in all.</param>
/// <param name="tellsLength">Whether Content-Length is sent; else the body comes in chunks.</param>
internal sealed class GeneratedContent(byte[] pattern, long length, bool tellsLength) : HttpContent
{
    /// <summary>At least 64 KB of the pattern, as often as it fits.</summary>
    public static byte[] Block(byte[] pattern)
    {
        var times = ((1 << 16) + pattern.Length - 1) / pattern.Length;
        return [.. Enumerable.Repeat(pattern, times).SelectMany(bytes => bytes)];
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var block = Block(pattern);
        for (var left = length; left > 0; left -= block.Length)
            await stream.WriteAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)));
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return tellsLength;
    }
}
