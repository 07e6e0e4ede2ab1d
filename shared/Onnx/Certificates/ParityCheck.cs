namespace Mlops.Onnx.Certificates;

/// <summary>What came out when a certificate was checked.</summary>
/// <param name="Certificate">As it is stored.</param>
/// <param name="Difference">What was found now.</param>
/// <param name="Problems">What contradicts the certificate.</param>
public sealed record ParityCheck(ParityCertificate Certificate, OutputDifference Difference, IReadOnlyList<string> Problems)
{
    /// <summary>Whether nothing contradicts it.</summary>
    public bool Holds => Problems.Count == 0;
}
