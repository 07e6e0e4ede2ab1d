using Grpc.Core;

namespace Mlops.Client;

/// <summary>A prediction could not be had: the server refused it, could not be reached, or the rows do not fit the model.</summary>
public sealed class InferenceException : Exception
{
    /// <summary>What a server or the channel to it answered.</summary>
    public InferenceException(RpcException failure)
        : base(failure.Status.Detail, failure) => Status = failure.StatusCode;

    /// <summary>What the client itself found before it sent anything.</summary>
    public InferenceException(StatusCode status, string message)
        : base(message) => Status = status;

    /// <summary>What ended a call that may have been tried more than once.</summary>
    internal InferenceException(RpcException failure, StatusCode status, TimeSpan deadline, int attempts)
        : base(Describe(failure, deadline, attempts), failure) => Status = status;

    /// <summary>
    /// gRPC's status: <c>NotFound</c> for an unknown model, <c>InvalidArgument</c> for rows that do not fit, <c>Unavailable</c> when trying
    /// again later may help, <c>DeadlineExceeded</c> when there was no answer in time.
    /// </summary>
    public StatusCode Status { get; }

    internal static InferenceException Invalid(string message) => new(StatusCode.InvalidArgument, message);

    internal static InferenceException Late(TimeSpan deadline) => new(StatusCode.DeadlineExceeded, NoAnswer(deadline));

    private static string Describe(RpcException failure, TimeSpan deadline, int attempts)
    {
        // gRPC gives a deadline's end no text, or, where the server notices it first, one that says nothing.
        var reason = failure is { StatusCode: StatusCode.DeadlineExceeded, Status.Detail: "" or "Deadline Exceeded" } ? NoAnswer(deadline)
            : failure.Status.Detail is { Length: > 0 } detail ? detail
            : $"the server gave status {failure.StatusCode} and no reason";
        return attempts == 1 ? reason : $"{reason} (attempt {attempts})";
    }

    private static string NoAnswer(TimeSpan deadline) => $"no answer within the deadline of {deadline}";
}
