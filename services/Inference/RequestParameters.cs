using Mlops.Contracts;
using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>What a caller says about how a request is to be served.</summary>
/// <param name="Priority">1 is served before 2, and so on; 0 says nothing, which comes last.</param>
/// <param name="Timeout">How long it may wait before the model runs; null leaves it to the call's deadline.</param>
/// <param name="Key">Requests of one key go to the same version while another is tried; null leaves it to chance.</param>
public readonly record struct RequestParameters(ulong Priority, TimeSpan? Timeout, string? Key = null)
{
    /// <summary>The protocol's name of <see cref="Priority"/>.</summary>
    public const string PriorityName = "priority";

    /// <summary>The protocol's name of <see cref="Timeout"/>, in microseconds; 0 says nothing.</summary>
    public const string TimeoutName = "timeout";

    /// <summary>The name of <see cref="Key"/>, such as a user's id.</summary>
    public const string RoutingKeyName = "routing_key";

    private const ulong LongestTimeout = 86_400_000_000;

    /// <summary><see cref="Key"/>, or an empty text.</summary>
    public string RoutingKey => Key ?? "";

    /// <summary>These, with one more that a request names; those that mean nothing here are passed over.</summary>
    public RequestParameters With(string name, ulong value) => name switch
    {
        PriorityName => this with { Priority = value },
        TimeoutName => this with { Timeout = value > 0 ? TimeSpan.FromMicroseconds((double)Math.Min(value, LongestTimeout)) : null },
        _ => this,
    };

    /// <summary>The same, as gRPC's callers send it.</summary>
    /// <exception cref="Fault">The value is not of the parameter's type.</exception>
    internal RequestParameters With(string name, InferParameter value) => (name, value.ParameterChoiceCase) switch
    {
        (RoutingKeyName, InferParameter.ParameterChoiceOneofCase.StringParam) => this with { Key = value.StringParam },
        (RoutingKeyName, _) => throw Fault.Invalid($"parameters.{name}", $"expected a text, got {value}"),
        (not (PriorityName or TimeoutName), _) => this,
        (_, InferParameter.ParameterChoiceOneofCase.Uint64Param) => With(name, value.Uint64Param),
        (_, InferParameter.ParameterChoiceOneofCase.Int64Param) when value.Int64Param >= 0 => With(name, (ulong)value.Int64Param),
        _ => throw Fault.Invalid($"parameters.{name}", $"expected a whole number from 0, got {value}"),
    };
}
