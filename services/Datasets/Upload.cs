using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Datasets;

/// <summary>
/// A registration as it streams in: either the CSV alone, or a form whose part <c>spec</c> stands before its part
/// <c>file</c>, because the spec says how the file is read.
/// </summary>
/// <param name="Spec">The pipeline to run, if there is one.</param>
/// <param name="Csv">The file; to be read once, from the start.</param>
internal sealed record Upload(PipelineSpec? Spec, Stream Csv)
{
    private const int MaxSpecBytes = 1 << 20;
    private const string Accepted = "the CSV as text/csv, or multipart/form-data with the parts 'spec' (JSON, optional) and then 'file' (CSV)";

    /// <summary>Reads up to where the file begins.</summary>
    /// <exception cref="Fault">It is neither, or the spec is not accepted.</exception>
    public static async Task<Upload> OpenAsync(HttpRequest request, string name, long maxFileBytes, CancellationToken cancellationToken)
    {
        // The reader of the file has the exact bound; this one leaves room for the form around it.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = maxFileBytes + (2L * MaxSpecBytes);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            throw Fault.Invalid("Content-Type", $"'{request.ContentType}' is not accepted; {Accepted}");
        if (type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
            return new Upload(null, request.Body);
        if (!type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary)
            throw Fault.Invalid("Content-Type", $"'{request.ContentType}' is not accepted; {Accepted}");
        return await OpenFormAsync(new MultipartReader(boundary, request.Body), name, cancellationToken);
    }

    private static async Task<Upload> OpenFormAsync(MultipartReader form, string name, CancellationToken cancellationToken)
    {
        PipelineSpec? spec = null;
        while (await NextAsync(form, cancellationToken) is { } section)
        {
            switch (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) ? HeaderUtilities.RemoveQuotes(disposition.Name).Value : null)
            {
                case "spec" when spec is null:
                    spec = PipelineSpec.Parse(await ReadSpecAsync(section.Body, cancellationToken), name);
                    break;
                case "file":
                    return new Upload(spec, section.Body);
                case var other:
                    throw Fault.Invalid(other ?? "", $"a part that is not accepted here; {Accepted}");
            }
        }
        throw Fault.Invalid("file", $"missing; {Accepted}");
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader form, CancellationToken cancellationToken)
    {
        try
        {
            return await form.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            throw Fault.Invalid("", $"the form cannot be read ({exception.Message}); {Accepted}");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadSpecAsync(Stream body, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 << 10];
        int read;
        while ((read = await body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > MaxSpecBytes)
                throw new Fault(FaultKind.TooLarge, "spec", $"more than {MaxSpecBytes} bytes; at most that is accepted");
            buffer.Write(chunk, 0, read);
        }
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
