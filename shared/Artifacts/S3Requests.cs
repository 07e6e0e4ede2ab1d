using System.Net;
using Amazon.Runtime;
using Mlops.Contracts;

namespace Mlops.Artifacts;

/// <summary>
/// Bounds each request in time, and says what went wrong with the service as a <see cref="Fault"/> of kind Unavailable: it
/// may be back, or its settings mended, when the work is tried again. What the service finds wrong with the request itself
/// would be our defect, and stays an exception. Messages carry codes only: a service's texts may repeat what was signed.
/// </summary>
internal sealed class S3Requests(S3Options options)
{
    public const string NoSuchBucket = "NoSuchBucket";

    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(options.Timeout);
        try
        {
            return await request(bound.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && FaultOf(exception) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>The fault that a failed request is; null where it is none of the service's.</summary>
    public Fault? FaultOf(Exception exception) => exception switch
    {
        AmazonServiceException { ErrorCode: NoSuchBucket } => NoBucket(),
        AmazonServiceException answer => OfAnswer(answer),
        AmazonClientException => Unavailable("AccessKey", "neither this key and its secret are set, nor does the environment give credentials"),
        HttpRequestException http => Unavailable("Endpoint", $"{options.Service} cannot be reached ({http.HttpRequestError})"),
        IOException => Unavailable("Endpoint", $"{options.Service} broke the connection off"),
        OperationCanceledException => Unavailable("Endpoint", $"{options.Service} did not answer within {options.Timeout}"),
        _ => null,
    };

    public Fault NoBucket() => Unavailable("Bucket", $"{options.Service} has no bucket '{options.Bucket}'; make it, or name one that is there");

    private Fault? OfAnswer(AmazonServiceException answer) => (answer.StatusCode, answer.ErrorCode) switch
    {
        (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) => Unavailable("AccessKey",
            $"{options.Service} refused access to bucket '{options.Bucket}' ({answer.ErrorCode}); credentials that may read, write and list it are accepted"),
        (HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect, _) or (_, "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException") => Unavailable("Region",
            $"{options.Service} keeps bucket '{options.Bucket}' in another region than '{options.Region}'"),
        (HttpStatusCode.BadRequest, "BadDigest" or "XAmzContentSHA256Mismatch" or "IncompleteBody" or "RequestTimeout") => Unavailable("Endpoint",
            $"{options.Service} refused an upload that did not arrive as it was sent ({answer.ErrorCode})"),
        (0, _) => Unavailable("Endpoint", $"{options.Service} cannot be reached"),
        ( >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout, _) => Unavailable("Endpoint",
            $"{options.Service} answered {(int)answer.StatusCode} {answer.ErrorCode}"),
        _ => null,
    };

    private static Fault Unavailable(string field, string message) => new(FaultKind.Unavailable, $"Artifacts:S3:{field}", message);
}
