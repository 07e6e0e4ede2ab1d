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

    /// <summary>gRPC's status: <c>NotFound</c> for an unknown model, <c>InvalidArgument</c> for rows that do not fit, <c>Unavailable</c> when trying again may help.</summary>
    public StatusCode Status { get; }

    internal static InferenceException Invalid(string message) => new(StatusCode.InvalidArgument, message);
}
