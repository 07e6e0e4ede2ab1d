using System.Globalization;
using Mlops.Contracts;
using Mlops.Onnx.Format;

namespace Mlops.Onnx.Certificates;

/// <summary>
/// Says that an ONNX model computes what its source does: how many samples both were given and how far the outputs were apart.
/// It is stored in the model's metadata, with the samples, so that whoever has the file can compare again (<see cref="Check"/>),
/// without the source. It is no signature: it shows that a model was changed or does not compute the same here, not who issued it.
/// </summary>
public sealed record ParityCertificate
{
    /// <summary>The tolerance unless another one is asked for.</summary>
    public const double DefaultTolerance = 1e-4;

    /// <summary>Rows of all samples.</summary>
    public required long Samples { get; init; }

    /// <summary>The largest <see cref="OutputDifference.Absolute"/>.</summary>
    public required double LargestAbsolute { get; init; }

    /// <summary>The largest <see cref="OutputDifference.Relative"/>.</summary>
    public required double LargestRelative { get; init; }

    /// <summary>The largest <see cref="OutputDifference.Scaled"/>; at most <see cref="Tolerance"/>.</summary>
    public required double LargestScaled { get; init; }

    /// <summary>The largest <see cref="OutputDifference.Scaled"/> that is accepted.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Version of ONNX's own operators that the model uses.</summary>
    public required long Opset { get; init; }

    /// <summary>SHA-256 of the model without the entries of certificate and samples, hexadecimal.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>SHA-256 of the samples, hexadecimal.</summary>
    public required string SamplesDigest { get; init; }

    /// <inheritdoc cref="CertificateTerms.Reference"/>
    public required string Reference { get; init; }

    /// <inheritdoc cref="CertificateTerms.Runtime"/>
    public required string Runtime { get; init; }

    /// <summary>Runs the model on the samples and, where it computes what they say, stores the certificate in it.</summary>
    /// <param name="file">The bytes of an ONNX file. A certificate that it has already is replaced.</param>
    /// <param name="samples">At least one.</param>
    /// <param name="run">Runs the model.</param>
    /// <param name="terms">Tolerance, versions, and what is stored.</param>
    /// <exception cref="Fault">
    /// Invalid: the bytes are no ONNX model, samples or tolerance are missing, or (field <c>parity</c>) the outputs are further apart than the tolerance.
    /// </exception>
    public static CertifiedModel Issue(byte[] file, IReadOnlyList<ParitySample> samples, ModelRun run, CertificateTerms terms)
    {
        if (samples.Count == 0 || samples.Any(sample => sample.Outputs.Count == 0))
            throw Fault.Invalid("samples", "there are none, or some without outputs; at least one with outputs is accepted");
        if (terms.Tolerance is not (> 0 and < double.PositiveInfinity))
            throw Fault.Invalid("tolerance", string.Create(CultureInfo.InvariantCulture, $"{terms.Tolerance} is not accepted; numbers above 0 are"));
        var model = OnnxFile.Parse(file);
        CertificateStore.Remove(model);
        var plain = OnnxFile.Write(model);
        var difference = SampleRun.Compare(plain, samples, run);
        if (TooFar(difference, terms.Tolerance) is { } problem)
            throw Fault.Invalid("parity", problem);
        var certificate = new ParityCertificate
        {
            Samples = samples.Sum(sample => sample.Rows),
            LargestAbsolute = difference.Absolute,
            LargestRelative = difference.Relative,
            LargestScaled = difference.Scaled,
            Tolerance = terms.Tolerance,
            Opset = OpsetOf(model),
            ModelDigest = CertificateStore.DigestOf(plain),
            SamplesDigest = CertificateStore.DigestOf(samples),
            Reference = terms.Reference,
            Runtime = terms.Runtime,
        };
        CertificateStore.Add(model, certificate, terms.StoreSamples ? samples : []);
        return new CertifiedModel(OnnxFile.Write(model), certificate);
    }

    /// <summary>The certificate that is stored in a model, unchecked; null if there is none.</summary>
    /// <exception cref="Fault">Invalid: the bytes are no ONNX model, or the certificate cannot be read.</exception>
    public static ParityCertificate? Read(ReadOnlySpan<byte> file) => CertificateStore.Read(OnnxFile.Parse(file));

    /// <summary>Takes certificate and samples out of a model: whoever changes what it computes calls this.</summary>
    public static void Remove(ModelProto model) => CertificateStore.Remove(model);

    /// <summary>Compares again: whether model and samples are those of the certificate, and the model still computes the same here.</summary>
    /// <param name="file">The bytes of an ONNX file with a certificate.</param>
    /// <param name="run">Runs the model.</param>
    /// <param name="samples">The samples, where the model has only their digest.</param>
    /// <exception cref="Fault">Invalid: the bytes are no ONNX model, there is no certificate that can be read, or there are no samples.</exception>
    public static ParityCheck Check(byte[] file, ModelRun run, IReadOnlyList<ParitySample>? samples = null)
    {
        var model = OnnxFile.Parse(file);
        var certificate = CertificateStore.Read(model) ?? throw Fault.Invalid("model", "has no parity certificate");
        samples ??= CertificateStore.ReadSamples(model);
        if (samples.Count == 0)
            throw Fault.Invalid("samples", "the model has their digest alone; the samples themselves are needed");
        CertificateStore.Remove(model);
        var plain = OnnxFile.Write(model);
        var difference = SampleRun.Compare(plain, samples, run);
        var problems = new List<string>();
        if (CertificateStore.DigestOf(plain) != certificate.ModelDigest)
            problems.Add($"the model's digest is {CertificateStore.DigestOf(plain)}; the certificate is of {certificate.ModelDigest}");
        if (CertificateStore.DigestOf(samples) != certificate.SamplesDigest)
            problems.Add($"the samples' digest is {CertificateStore.DigestOf(samples)}; the certificate is of {certificate.SamplesDigest}");
        if (TooFar(difference, certificate.Tolerance) is { } problem)
            problems.Add(problem);
        return new ParityCheck(certificate, difference, problems);
    }

    private static long OpsetOf(ModelProto model) => model.OpsetImport.Where(import => GraphChecker.DomainOf(import.Domain).Length == 0).Sum(import => import.Version);

    private static string? TooFar(OutputDifference difference, double tolerance) => difference.Scaled <= tolerance
        ? null
        : string.Create(CultureInfo.InvariantCulture,
            $"the model's outputs differ from those of its source by {difference.Scaled:g3}, as ÷ max(1, magnitude); at most {tolerance:g3} is accepted");
}
