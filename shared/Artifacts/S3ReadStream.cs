using Amazon.Runtime;
using Amazon.S3.Model;

namespace Mlops.Artifacts;

/// <summary>An object's bytes as they arrive. A connection that breaks off or falls silent is the service's fault, not the artifact's damage.</summary>
internal sealed class S3ReadStream(GetObjectResponse response, S3Requests requests) : ReadingStream
{
    public override long Length => response.ContentLength;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return response.ResponseStream.Read(buffer);
        }
        catch (AmazonClientException)
        {
            return 0;
        }
        catch (Exception exception) when (requests.FaultOf(exception) is { } fault)
        {
            throw fault;
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(requests.AskAsync(async stop =>
    {
        try
        {
            return await response.ResponseStream.ReadAsync(buffer, stop);
        }
        catch (AmazonClientException)
        {
            // At the end the SDK compares an MD5 of its own; our digest finds the same, and says which artifact it is.
            return 0;
        }
    }, cancellationToken));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            response.Dispose();
        base.Dispose(disposing);
    }
}
