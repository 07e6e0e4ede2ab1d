using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Hosting;
using Mlops.Onnx;
using Mlops.Registry.Facts;
using Mlops.Runs;

namespace Mlops.Trainer.Reproductions;

/// <summary>A variant that was asked for, and what its compression was done with.</summary>
/// <param name="Version">The variant.</param>
/// <param name="Compression">That of its original.</param>
internal sealed record StoredVariant(ModelVersion Version, Compression Compression);

/// <summary>An original that was trained again.</summary>
/// <param name="Onnx">Its file.</param>
/// <param name="Signature">What it takes and gives.</param>
/// <param name="Difference">How it stands to the stored one.</param>
internal sealed record RebuiltOriginal(byte[] Onnx, ModelSignature Signature, ModelDifference Difference);

/// <summary>
/// Compresses again and compares with the stored variant. The stored original is compressed too where the rebuilt one is another
/// file: so a variant that is not its original's is told from one whose original cannot be had again.
/// </summary>
internal sealed class VariantAgain(IArtifactStore artifacts)
{
    /// <param name="variant">What was asked for.</param>
    /// <param name="storedOriginal">The file that it is said to be compressed from.</param>
    /// <param name="rebuilt">The original that was trained again.</param>
    /// <param name="inputs">The run's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<VariantReproduction> OfAsync(
        StoredVariant variant, byte[] storedOriginal, RebuiltOriginal rebuilt, TrainingRows inputs, CancellationToken cancellationToken)
    {
        try
        {
            var (version, compression) = variant;
            var stored = await artifacts.ReadAsync(ContentDigest.Parse(version.Digest), cancellationToken);
            var again = CompressionMethods.Apply(version.Method, rebuilt.Onnx);
            var difference = ModelDifference.Between(stored, again);
            var isOfStoredOriginal = rebuilt.Difference.IsSameFile ? difference.IsSameModel : IsOf(storedOriginal, version, stored);
            var metrics = difference.IsSameModel
                ? new Dictionary<string, ReproducedMetric>()
                : HeldOutMetrics.Of((stored, version.Signature), (again, rebuilt.Signature), version.Method, inputs);
            var causes = EnvironmentDifference.OfCompressions(compression, CodeVersion.Current, CompressionMethods.Backend);
            var judgement = ReproductionJudgement.OfVariant(difference, metrics, rebuilt.Difference, isOfStoredOriginal, causes);
            // Kept, so that whoever doubts the comparison can make it.
            var digest = (await artifacts.PutAsync(again, cancellationToken)).Digest.ToString();
            return new VariantReproduction(judgement.Verdict, judgement.Reason, digest, metrics, isOfStoredOriginal);
        }
        catch (Fault fault) when (fault.Kind != FaultKind.Unavailable)
        {
            return Failed(fault.Message, isOfStoredOriginal: null);
        }
    }

    /// <summary>What can be said of a variant whose original was not made again.</summary>
    public async Task<VariantReproduction> WithoutOriginalAsync(StoredVariant variant, string originalDigest, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await artifacts.ReadAsync(ContentDigest.Parse(variant.Version.Digest), cancellationToken);
            var original = await artifacts.ReadAsync(ContentDigest.Parse(originalDigest), cancellationToken);
            var isOfStoredOriginal = IsOf(original, variant.Version, stored);
            return Failed($"its original was not made again; compressing the stored original {(isOfStoredOriginal ? "gives" : "does not give")} the stored variant", isOfStoredOriginal);
        }
        catch (Fault fault) when (fault.Kind != FaultKind.Unavailable)
        {
            return Failed($"its original was not made again, and the stored one cannot be compressed: {fault.Message}", isOfStoredOriginal: null);
        }
    }

    /// <summary>Nothing was compared.</summary>
    public static VariantReproduction Failed(string reason, bool? isOfStoredOriginal) =>
        new(ReproductionVerdict.Failed, reason, null, new Dictionary<string, ReproducedMetric>(), isOfStoredOriginal);

    private static bool IsOf(byte[] original, ModelVersion version, byte[] stored) =>
        ModelDifference.Between(stored, CompressionMethods.Apply(version.Method, original)).IsSameModel;
}
