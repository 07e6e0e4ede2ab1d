using Mlops.Contracts;
using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>What a caller says about how a request is to be served.</summary>
/// <param name="Priority">1 is served before 2, and so on; 0 says nothing, which comes last.</param>
/// <param name="Timeout">How long it may wait before the model runs; null leaves it to the call's deadline.</param>
public readonly record struct RequestParameters(ulong Priority, TimeSpan? Timeout)
{
    /// <summary>The protocol's name of <see cref="Priority"/>.</summary>
    public const string PriorityName = "priority";

    /// <summary>The protocol's name of <see cref="Timeout"/>, in microseconds; 0 says nothing.</summary>
    public const string TimeoutName = "timeout";

    private const ulong LongestTimeout = 86_400_000_000;

    /// <summary>These, with one more that a request names; those that mean nothing here are passed over.</summary>
    public RequestParameters With(string name, ulong value) => name switch
    {
        PriorityName => this with { Priority = value },
        TimeoutName => this with { Timeout = value > 0 ? TimeSpan.FromMicroseconds((double)Math.Min(value, LongestTimeout)) : null },
        _ => this,
    };

    /// <summary>The same, as gRPC's callers send it.</summary>
    /// <exception cref="Fault">The value is no whole number.</exception>
    internal RequestParameters With(string name, InferParameter value) => name is not (PriorityName or TimeoutName) ? this : value.ParameterChoiceCase switch
    {
        InferParameter.ParameterChoiceOneofCase.Uint64Param => With(name, value.Uint64Param),
        InferParameter.ParameterChoiceOneofCase.Int64Param when value.Int64Param >= 0 => With(name, (ulong)value.Int64Param),
        _ => throw Fault.Invalid($"parameters.{name}", $"expected a whole number from 0, got {value}"),
    };
}
