namespace Mlops.Onnx.Certificates;

/// <summary>A model with its certificate.</summary>
/// <param name="Bytes">Of the ONNX file, the certificate in its metadata. Equal models, samples and versions give equal bytes.</param>
/// <param name="Certificate">The same certificate.</param>
public sealed record CertifiedModel(byte[] Bytes, ParityCertificate Certificate);
