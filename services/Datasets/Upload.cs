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
/// <param name="Form">What the file stands in, unless it came alone.</param>
internal sealed record Upload(PipelineSpec? Spec, Stream Csv, UploadForm? Form)
{
    private const string Accepted = "the CSV as text/csv, or multipart/form-data with the parts 'spec' (JSON, optional) and then 'file' (CSV)";

    /// <summary>Reads up to where the file begins.</summary>
    /// <exception cref="Fault">It is neither, it is too large, or the spec is not accepted.</exception>
    public static async Task<Upload> OpenAsync(HttpRequest request, string name, long maxFileBytes, CancellationToken cancellationToken)
    {
        RequireUncompressed(request);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            throw Fault.Invalid("Content-Type", $"missing; {Accepted}");
        var isForm = type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        if (!isForm && !type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
            throw Fault.Invalid("Content-Type", $"'{type.MediaType}' is not accepted; {Accepted}");
        RequireSize(request, maxFileBytes, around: isForm ? 2L * SpecBody.MaxBytes : 0);
        if (!isForm)
            return new Upload(null, request.Body, null);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary);
        if (boundary.Length is 0 or > UploadForm.LongestBoundary)
            throw Fault.Invalid("Content-Type", $"a boundary of {boundary.Length} characters; 1 to {UploadForm.LongestBoundary} are accepted");
        return await OpenFormAsync(new UploadForm(boundary.ToString(), request.Body), name, cancellationToken);
    }

    /// <summary>Called when the file is read to its end.</summary>
    /// <exception cref="Fault">Something stands after it that would be overlooked.</exception>
    public async Task RequireEndAsync(CancellationToken cancellationToken)
    {
        if (Form is not null && await Form.NextAsync(cancellationToken) is { } part)
            throw Fault.Invalid(part.Name ?? "", part.Name == "spec"
                ? "stands after 'file'; before it is accepted, because it says how the file is read"
                : $"a part that is not accepted after 'file'; {Accepted}");
    }

    private static async Task<Upload> OpenFormAsync(UploadForm form, string name, CancellationToken cancellationToken)
    {
        PipelineSpec? spec = null;
        while (await form.NextAsync(cancellationToken) is { } part)
        {
            switch (part.Name)
            {
                case "spec" when spec is null:
                    spec = await SpecBody.ReadAsync(part.Body, name, cancellationToken);
                    break;
                case "file":
                    return new Upload(spec, part.Body, form);
                case "spec":
                    throw Fault.Invalid("spec", "stands twice; once is accepted");
                case var other:
                    throw Fault.Invalid(other ?? "", $"a part that is not accepted; {Accepted}");
            }
        }
        throw Fault.Invalid("file", $"missing; {Accepted}");
    }

    private static void RequireUncompressed(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && encoding != "identity")
            throw Fault.Invalid("Content-Encoding", $"'{encoding}' is not accepted; the file as it is, without compression, is");
    }

    // What is too large by its own word is not read at all; who says nothing is found out on the way.
    private static void RequireSize(HttpRequest request, long maxFileBytes, long around)
    {
        if (request.ContentLength - around > maxFileBytes)
            throw new Fault(FaultKind.TooLarge, "", $"the file has more than {maxFileBytes} bytes; at most {maxFileBytes} are accepted");
    }
}
