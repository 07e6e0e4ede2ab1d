using System.Globalization;
using Grpc.Core;

namespace Mlops.Inference.Wire;

/// <summary>
/// gRPC's server says UNKNOWN where it cannot read what stands around a message: a flag that there is not, a length beyond 2 GiB,
/// bytes that are no gzip. The methods themselves never say so: it is the caller's mistake.
/// </summary>
internal static class BrokenFrames
{
    private const string Status = "grpc-status", Text = "grpc-message";
    private static readonly string Unknown = Number(StatusCode.Unknown);
    private static readonly string Invalid = Number(StatusCode.InvalidArgument);

    /// <summary>Makes an endpoint say INVALID_ARGUMENT in its place.</summary>
    public static void Tell(EndpointBuilder endpoint)
    {
        var answer = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = async context =>
        {
            await answer(context);
            // Once an answer has begun, what cannot be read on is told by the method itself.
            if (context.Response is { HasStarted: false, Headers: var headers } && headers.TryGetValue(Status, out var status) && status == Unknown)
                (headers[Status], headers[Text]) = (Invalid, "not a message that can be read: its frame is broken");
        };
    }

    private static string Number(StatusCode status) => ((int)status).ToString(CultureInfo.InvariantCulture);
}
