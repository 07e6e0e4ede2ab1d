using Mlops.Contracts.Spec;

namespace Mlops.Governance;

/// <summary>A model version that could be served.</summary>
/// <param name="ModelVersionId">Its id.</param>
/// <param name="Method"><c>original</c>, or the compression method.</param>
/// <param name="Passed">Whether it met every gate.</param>
/// <param name="Quality">Its headline metric.</param>
/// <param name="MedianMicroseconds">Median latency of one row.</param>
internal sealed record Candidate(Guid ModelVersionId, string Method, bool Passed, double Quality, double MedianMicroseconds);

/// <summary>Decides which of a pipeline's model versions is served.</summary>
internal static class ChooseVariant
{
    /// <summary>Far below any difference between metrics that means something, far above what 0.14 − 0.02 is off by in binary.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Two medians of one measurement that are nearer than this share are the same.</summary>
    private const double Noise = 0.05;

    /// <summary>
    /// The fastest that passed and whose quality is at most <see cref="CompressionSpec.MaxQualityDrop"/> under the
    /// original's. The original, if it passed, is always one of them, and stays unless a variant is faster by more than noise.
    /// </summary>
    /// <param name="original">The original.</param>
    /// <param name="variants">What was compressed from it.</param>
    /// <param name="spec">The pipeline's spec.</param>
    /// <returns>The chosen one and why in words; null when none may be served.</returns>
    public static (Candidate Chosen, string Reason)? Choose(Candidate original, IReadOnlyList<Candidate> variants, PipelineSpec spec)
    {
        if (!original.Passed)
            return null;
        var floor = original.Quality - spec.Compression.MaxQualityDrop;
        var chosen = variants.Where(variant => variant.Passed && variant.Quality >= floor - Rounding)
            .Where(variant => variant.MedianMicroseconds < original.MedianMicroseconds * (1 - Noise))
            .MinBy(variant => variant.MedianMicroseconds) ?? original;
        var headline = FormattableString.Invariant($"{chosen.Method}: {spec.HeadlineMetric} {chosen.Quality:0.####}, {chosen.MedianMicroseconds:0.0} µs a row");
        if (variants.Count == 0)
            return (chosen, $"{headline}; it met every gate, and there is no variant");
        var others = variants.Prepend(original).Where(other => other != chosen).Select(other => Describe(other, floor));
        return (chosen, FormattableString.Invariant(
            $"{headline}, the fastest that met every gate with at least {floor:0.####}; {string.Join("; ", others)}"));
    }

    private static string Describe(Candidate other, double floor)
    {
        var verdict = !other.Passed ? "a gate is not met" : other.Quality >= floor - Rounding ? "not faster" : FormattableString.Invariant($"below {floor:0.####}");
        return FormattableString.Invariant($"{other.Method}: {other.Quality:0.####}, {other.MedianMicroseconds:0.0} µs, {verdict}");
    }
}
