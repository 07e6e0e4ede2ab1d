namespace Mlops.Onnx.Certificates;

/// <summary>What a certificate is issued for.</summary>
public sealed record CertificateTerms
{
    /// <summary>What computed the expected outputs, with its version: <c>TorchSharp 0.107.0</c>.</summary>
    public required string Reference { get; init; }

    /// <summary>What runs the model, with its version: <c>ONNX Runtime 1.31.1</c>.</summary>
    public required string Runtime { get; init; }

    /// <summary>The largest <see cref="OutputDifference.Scaled"/> that is accepted; above 0.</summary>
    public double Tolerance { get; init; } = ParityCertificate.DefaultTolerance;

    /// <summary>Whether the samples are stored in the model, or their digest alone (where they are not for everybody's eyes).</summary>
    public bool StoreSamples { get; init; } = true;
}
