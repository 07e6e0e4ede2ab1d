namespace Mlops.Inference.Rest;

/// <summary>An inference request as REST callers write it.</summary>
public sealed class RestRequest
{
    /// <summary>What the data plane is asked.</summary>
    public required InferenceRequest Inference { get; init; }

    /// <summary>Echoed in the answer; null where the caller gave none.</summary>
    public string? Id { get; init; }

    /// <summary>Whether outputs are wanted as bytes behind the JSON, where <see cref="BinaryByOutput"/> does not say.</summary>
    public bool BinaryOutputs { get; init; }

    /// <summary>What the caller said of each of the outputs that the request names.</summary>
    public bool?[] BinaryByOutput { get; init; } = [];

    /// <summary>Whether the answer's output at this place is wanted as bytes.</summary>
    public bool WantsBinary(int output) => (BinaryByOutput.Length > 0 ? BinaryByOutput[output] : null) ?? BinaryOutputs;
}
