using Grpc.Core;
using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>Failures in gRPC's terms.</summary>
internal static class RpcStatus
{
    /// <summary>The status that tells a caller of it.</summary>
    public static RpcException From(Exception failure, DateTime deadline, TimeProvider time) => failure switch
    {
        RpcException already => already,
        Fault fault => Make(CodeOf(fault.Kind), ErrorText.InHeader(fault)),
        TimeoutException late => Make(StatusCode.DeadlineExceeded, late.Message),
        OperationCanceledException when deadline <= time.GetUtcNow().UtcDateTime => Make(StatusCode.DeadlineExceeded, "the deadline has passed"),
        OperationCanceledException => Make(StatusCode.Cancelled, "the call was cancelled"),
        _ => Make(StatusCode.Internal, ErrorText.Internal),
    };

    private static StatusCode CodeOf(FaultKind kind) => kind switch
    {
        FaultKind.Invalid => StatusCode.InvalidArgument,
        FaultKind.NotFound => StatusCode.NotFound,
        FaultKind.Conflict => StatusCode.FailedPrecondition,
        FaultKind.TooLarge => StatusCode.ResourceExhausted,
        FaultKind.Unavailable => StatusCode.Unavailable,
        FaultKind.Corrupt => StatusCode.DataLoss,
        FaultKind.Unsupported => StatusCode.Unimplemented,
        _ => StatusCode.Internal,
    };

    private static RpcException Make(StatusCode code, string text) => new(new Status(code, text));
}
