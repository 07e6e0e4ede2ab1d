using Grpc.Core;
using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>What a gRPC caller is told about a failure: a fault's own text, and nothing about ours.</summary>
internal static class RpcStatus
{
    /// <summary>Status texts travel in a header, and a fault may quote a name of any length.</summary>
    private const int LongestText = 2000;

    /// <summary>The failure in gRPC's terms.</summary>
    public static RpcException From(Exception failure, DateTime deadline, TimeProvider time) => failure switch
    {
        RpcException already => already,
        Fault fault => Make(CodeOf(fault.Kind), fault.Message),
        OperationCanceledException when deadline <= time.GetUtcNow().UtcDateTime => Make(StatusCode.DeadlineExceeded, "the deadline has passed"),
        OperationCanceledException => Make(StatusCode.Cancelled, "the call was cancelled"),
        _ => Make(StatusCode.Internal, "internal error"),
    };

    private static StatusCode CodeOf(FaultKind kind) => kind switch
    {
        FaultKind.Invalid => StatusCode.InvalidArgument,
        FaultKind.NotFound => StatusCode.NotFound,
        FaultKind.Conflict => StatusCode.FailedPrecondition,
        FaultKind.TooLarge => StatusCode.ResourceExhausted,
        FaultKind.Unavailable => StatusCode.Unavailable,
        FaultKind.Corrupt => StatusCode.DataLoss,
        _ => StatusCode.Internal,
    };

    private static RpcException Make(StatusCode code, string text) =>
        new(new Status(code, text.Length <= LongestText ? text : $"{text[..LongestText]}…"));
}
