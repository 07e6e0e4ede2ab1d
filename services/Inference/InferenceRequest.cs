using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>An inference request as the data plane takes it, whichever front it came through.</summary>
public sealed class InferenceRequest
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Empty for the current version.</summary>
    public string Version { get; init; } = "";

    /// <summary>In the caller's order.</summary>
    public required InputTensor[] Inputs { get; init; }

    /// <summary>Names of the outputs wanted, in the caller's order; none means all in the model's.</summary>
    public string[] Outputs { get; init; } = [];

    /// <summary>How it is to be served.</summary>
    public RequestParameters Parameters { get; init; }
}

/// <summary>One tensor of a request.</summary>
/// <param name="Name">Which input.</param>
/// <param name="Datatype">As the caller wrote it.</param>
/// <param name="Shape">As the caller wrote it.</param>
/// <param name="Contents">The protocol's raw form: little-endian, row-major. Only read, and only while the request runs.</param>
public readonly record struct InputTensor(string Name, string Datatype, long[] Shape, ReadOnlyMemory<byte> Contents);

/// <summary>The answer to a request, in memory that goes back when it is disposed.</summary>
public sealed class InferenceResult : IDisposable
{
    private ModelAnswer _answer;

    /// <summary>An answer.</summary>
    public InferenceResult(ServedVersion version, ModelAnswer answer) => (Version, _answer) = (version, answer);

    /// <summary>Who answered.</summary>
    public ServedVersion Version { get; }

    /// <summary>In the order asked for; not to be read once this is disposed.</summary>
    public OutputTensor[] Outputs => _answer.Outputs;

    /// <inheritdoc/>
    public void Dispose()
    {
        _answer.Dispose();
        _answer = default;
    }
}

/// <summary>One tensor of an answer.</summary>
/// <param name="Name">Which output.</param>
/// <param name="Datatype">A datatype of the protocol.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Contents">The protocol's raw form.</param>
public readonly record struct OutputTensor(string Name, TensorDatatype Datatype, long[] Shape, ReadOnlyMemory<byte> Contents);
