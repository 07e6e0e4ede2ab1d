using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Mlops.Contracts;

namespace Mlops.Datasets;

/// <summary>Reads a form part by part as it streams in. What is wrong with it is a <see cref="Fault"/>.</summary>
internal sealed class UploadForm(string boundary, Stream body)
{
    /// <summary>As RFC 2046 has it.</summary>
    public const int LongestBoundary = 70;

    private readonly MultipartReader _form = new(boundary, body);
    private bool _begun;

    /// <summary>The next part; null after the last. The part before it is passed over.</summary>
    public async Task<(string? Name, Stream Body)?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            var section = await _form.ReadNextSectionAsync(cancellationToken);
            _begun = true;
            return section is null ? null : (NameOf(section), new Part(this, section.Body));
        }
        catch (InvalidDataException exception)
        {
            throw Fault.Invalid("", _begun ? $"the form cannot be read: {exception.Message}" : $"the form does not begin with {Line}");
        }
        catch (IOException exception) when (IsOfTheForm(exception))
        {
            throw Ended();
        }
    }

    private string Line => $"a line '--{boundary}', as the boundary in Content-Type says";

    private static string? NameOf(MultipartSection section) =>
        ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) ? HeaderUtilities.RemoveQuotes(disposition.Name).Value : null;

    // The connection's own troubles keep their meaning.
    private static bool IsOfTheForm(IOException exception) => exception is not (BadHttpRequestException or ConnectionResetException);

    private Fault Ended() => Fault.Invalid("", $"the form ends without {Line}{(_begun ? " (with '--' after it, where it is the last)" : "")}");

    private sealed class Part(UploadForm form, Stream body) : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await body.ReadAsync(buffer, cancellationToken);
            }
            catch (IOException exception) when (IsOfTheForm(exception))
            {
                throw form.Ended();
            }
        }
    }
}
