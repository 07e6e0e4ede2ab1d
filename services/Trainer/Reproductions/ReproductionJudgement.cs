using System.Globalization;
using Mlops.Onnx.Certificates;
using Mlops.Registry.Facts;

namespace Mlops.Trainer.Reproductions;

/// <summary>What a training, or a compression, that was done again proves.</summary>
/// <param name="Verdict">In a word.</param>
/// <param name="Reason">In a sentence.</param>
internal sealed record ReproductionJudgement(ReproductionVerdict Verdict, string Reason)
{
    /// <summary>What a metric may differ by; of one above 1, this share of it.</summary>
    public const double Tolerance = 0.01;

    /// <summary>The judgement of two models whose weights, or else metrics, were compared.</summary>
    /// <param name="difference">Of the models.</param>
    /// <param name="metrics">Of both on the same rows; not looked at where the models are identical.</param>
    /// <param name="causes">What differed when they were trained.</param>
    public static ReproductionJudgement Of(ModelDifference difference, IReadOnlyDictionary<string, ReproducedMetric> metrics, IReadOnlyList<string> causes)
    {
        if (difference.IsSameModel)
            return Identical(difference);
        var weights = difference.LargestDifference is { } largest
            ? string.Create(CultureInfo.InvariantCulture, $"weights differ by at most {largest:g3}")
            : "the models do not have the same weights";
        var (verdict, told) = ByMetrics(metrics);
        return new(verdict, $"{weights}, {told}: {WhyOf(causes, "trained")}");
    }

    /// <summary>The judgement of two variants of an original by the same method.</summary>
    /// <param name="difference">Of the variants.</param>
    /// <param name="metrics">Of both on the same rows; not looked at where the variants are identical.</param>
    /// <param name="original">Of the originals.</param>
    /// <param name="isOfStoredOriginal">Whether compressing the stored original gives the stored variant.</param>
    /// <param name="causes">What differed when they were compressed.</param>
    public static ReproductionJudgement OfVariant(
        ModelDifference difference, IReadOnlyDictionary<string, ReproducedMetric> metrics, ModelDifference original, bool isOfStoredOriginal, IReadOnlyList<string> causes)
    {
        if (difference.IsSameModel)
            return Identical(difference);
        var (verdict, told) = ByMetrics(metrics);
        var why = (original.IsSameModel, isOfStoredOriginal) switch
        {
            (true, _) => WhyOf(causes, "compressed"),
            (_, true) => "the original was not rebuilt bit for bit, and so neither could this be; compressing the stored original gives the stored variant",
            _ => $"the original was not rebuilt bit for bit, and compressing the stored one does not give the stored variant either: {WhyOf(causes, "compressed")}",
        };
        return new(verdict, $"the files differ, {told}: {why}");
    }

    private static ReproductionJudgement Identical(ModelDifference difference) =>
        new(ReproductionVerdict.Identical, "weights and preprocessing are the same, bit for bit"
            + (difference.IsSameFile ? ", and so is the whole file" : "; the files differ in what they say of their making"));

    private static (ReproductionVerdict Verdict, string Told) ByMetrics(IReadOnlyDictionary<string, ReproducedMetric> metrics)
    {
        var (name, apart) = metrics.Select(metric => (metric.Key, Apart: Scaled(metric.Value))).OrderByDescending(metric => metric.Apart).FirstOrDefault();
        var within = name is not null && apart <= Tolerance;
        var told = name is null ? "there are no metrics to compare" : string.Create(
            CultureInfo.InvariantCulture, $"metrics by at most {apart:g3} ({name}), {(within ? "within" : "more than")} the tolerated {Tolerance}");
        return (within ? ReproductionVerdict.Equivalent : ReproductionVerdict.Different, told);
    }

    private static string WhyOf(IReadOnlyList<string> causes, string made) =>
        causes.Count > 0 ? string.Join("; ", causes) : $"nothing that is recorded of how they were {made} differs";

    /// <summary>A metric that is undefined for both is the same.</summary>
    private static double Scaled(ReproducedMetric metric) =>
        metric.Stored.Equals(metric.Again) ? 0 : OutputDifference.Between(metric.Stored, metric.Again).Scaled;
}
