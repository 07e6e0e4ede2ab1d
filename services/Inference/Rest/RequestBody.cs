using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.RequestDecompression;
using Mlops.Contracts;

namespace Mlops.Inference.Rest;

/// <summary>What a caller posts: JSON and, in the binary tensor data extension, the bytes of tensors behind it.</summary>
/// <param name="Json">The request's JSON.</param>
/// <param name="Binary">What stands behind it.</param>
public readonly record struct RequestBody(ReadOnlyMemory<byte> Json, ReadOnlyMemory<byte> Binary)
{
    /// <summary>The header that says where the JSON ends.</summary>
    public const string LengthHeader = "Inference-Header-Content-Length";

    private const int Chunk = 4096;

    /// <summary>Reads a request's body.</summary>
    /// <param name="request">Whose.</param>
    /// <param name="decompression">Undoes its encoding.</param>
    /// <param name="maxBytes">Most that it may have, with and without its encoding.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="Fault">It is too large, or is not what its headers say.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, IRequestDecompressionProvider decompression, int maxBytes, CancellationToken cancellationToken)
    {
        await using var decompressed = decompression.GetDecompressionStream(request.HttpContext);
        // What could be undone is no longer in the header.
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && encoding != "identity")
            throw Fault.Invalid("Content-Encoding", $"'{encoding}' is not accepted; gzip, deflate, br, or none, is");
        if (request.ContentLength > maxBytes)
            throw TooLarge(maxBytes);
        // Grows with what arrives, not by what the caller says will.
        var body = new ArrayBufferWriter<byte>();
        int read;
        while ((read = await ReadAsync(request.Body, decompressed, body.GetMemory(Chunk), cancellationToken)) > 0)
        {
            body.Advance(read);
            if (body.WrittenCount > maxBytes)
                throw TooLarge(maxBytes);
        }

        return Split(body.WrittenMemory, request.Headers.TryGetValue(LengthHeader, out var length) ? length.ToString() : null);
    }

    /// <summary>Parts the JSON from the tensors' bytes.</summary>
    /// <param name="body">All of it.</param>
    /// <param name="jsonLength">What <see cref="LengthHeader"/> says, or null where there is none: then all of it is JSON.</param>
    /// <exception cref="Fault">The header is no length within the body.</exception>
    public static RequestBody Split(ReadOnlyMemory<byte> body, string? jsonLength)
    {
        if (jsonLength is null)
            return new RequestBody(body, default);
        if (!int.TryParse(jsonLength, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > body.Length)
            throw Fault.Invalid(LengthHeader, $"'{jsonLength}' is not accepted; the length of the JSON at the body's beginning is, at most the body's {body.Length} bytes");
        return new RequestBody(body[..length], body[length..]);
    }

    private static async ValueTask<int> ReadAsync(Stream body, Stream? decompressed, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await (decompressed ?? body).ReadAsync(buffer, cancellationToken);
        }
        catch (Exception broken) when (decompressed is not null && (broken is InvalidDataException or InvalidOperationException))
        {
            throw Fault.Invalid("body", "it is not in the encoding that Content-Encoding says");
        }
        catch (Exception broken) when (broken is InvalidOperationException or IOException { InnerException: OverflowException })
        {
            // What the server does not count among its checks of a request: a chunk's size beyond 2 GiB, letters behind the last one.
            throw Fault.Invalid("body", "its chunks, or the headers behind them, cannot be read");
        }
    }

    private static Fault TooLarge(int maxBytes) => new(FaultKind.TooLarge, "body", $"more than {maxBytes} bytes; at most {maxBytes} are accepted");
}
