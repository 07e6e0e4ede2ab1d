using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>
/// Gradient-boosted decision trees, grown leaf by leaf over histograms by LightGBM (Ke et al., 2017), whose terms these are.
/// An epoch of the reports is a round: one tree, or one for each class from three on, or one for each target. Early stopping
/// counts rounds and goes back to the best. <c>optimizer</c>, <c>regularization</c>, <c>training.epochs</c> and
/// <c>training.batchSize</c> speak of networks; nothing here looks at them.
/// </summary>
public sealed record BoostedTreesSpec : ModelSpec
{
    /// <summary>Rounds, at most.</summary>
    public int Trees { get; init; } = 500;

    /// <summary>Leaves of a tree, at most.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary>Splits from a tree's root to a leaf, at most; 0 for any number.</summary>
    public int MaxDepth { get; init; }

    /// <summary>What the values of each new tree are multiplied by, above 0.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Training rows in a leaf, at least. Fewer than twice as many rows cannot be split at all.</summary>
    public int MinRowsInLeaf { get; init; } = 20;

    /// <summary>Sum of the loss's second derivatives over the rows of a leaf, at least.</summary>
    public double MinHessianInLeaf { get; init; } = 0.001;

    /// <summary>By how much a split must lower the loss, at least.</summary>
    public double MinGain { get; init; }

    /// <summary>L1 penalty of the leaves' values, at least 0.</summary>
    public double L1 { get; init; }

    /// <summary>L2 penalty of the leaves' values, at least 0.</summary>
    public double L2 { get; init; }

    /// <summary>The share of the features that a tree may look at, drawn anew for each, above 0.</summary>
    public double FeatureFraction { get; init; } = 1;

    /// <summary>The share of the training rows that a round's trees are grown on, drawn anew for each round, above 0.</summary>
    public double BaggingFraction { get; init; } = 1;

    /// <summary>Intervals that the values of a feature are told apart by, at most.</summary>
    public int Bins { get; init; } = 255;

    /// <summary>Whether the training draws by chance at all.</summary>
    [JsonIgnore]
    public bool IsRandom => FeatureFraction < 1 || BaggingFraction < 1;

    internal static BoostedTreesSpec Read(SpecReader reader)
    {
        var otherwise = new BoostedTreesSpec();
        return new BoostedTreesSpec
        {
            Trees = reader.Integer("trees", otherwise.Trees, 1, 100_000),
            Leaves = reader.Integer("leaves", otherwise.Leaves, 2, 131_072),
            MaxDepth = reader.Integer("maxDepth", otherwise.MaxDepth, 0, 1_000),
            LearningRate = reader.Number("learningRate", otherwise.LearningRate, 0, 1, openMin: true),
            MinRowsInLeaf = reader.Integer("minRowsInLeaf", otherwise.MinRowsInLeaf, 1),
            MinHessianInLeaf = reader.Number("minHessianInLeaf", otherwise.MinHessianInLeaf, 0, 1e6),
            MinGain = reader.Number("minGain", otherwise.MinGain, 0, 1e6),
            L1 = reader.Number("l1", otherwise.L1, 0, 1e6),
            L2 = reader.Number("l2", otherwise.L2, 0, 1e6),
            FeatureFraction = reader.Number("featureFraction", otherwise.FeatureFraction, 0, 1, openMin: true),
            BaggingFraction = reader.Number("baggingFraction", otherwise.BaggingFraction, 0, 1, openMin: true),
            Bins = reader.Integer("bins", otherwise.Bins, 2, 65_535),
        };
    }

    /// <summary>Whether trees can be grown as the rest of a spec wants it.</summary>
    public static bool Suits(PipelineSpec spec) => !WhyNot(spec).Any();

    /// <summary>Reports what the rest of a spec asks of trees in vain.</summary>
    internal static void Check(PipelineSpec spec, SpecReader reader)
    {
        if (spec.Model is not BoostedTreesSpec)
            return;
        foreach (var (field, message) in WhyNot(spec))
            reader.Report(field, message);
    }

    private static IEnumerable<(string Field, string Message)> WhyNot(PipelineSpec spec)
    {
        if (spec.Training.Device.IsCuda)
            yield return ("training.device", $"{spec.Training.Device} is not accepted with model.type boosted-trees, which are grown on the processor; auto and cpu are");
        if (spec.Loss is FocalLossSpec or BinaryLossSpec)
            yield return ("loss.type", "focal and binary are not accepted with model.type boosted-trees; cross-entropy is, with classWeights where wanted");
        if (spec.Loss is CrossEntropyLossSpec { LabelSmoothing: > 0 })
            yield return ("loss.labelSmoothing", "above 0 is not accepted with model.type boosted-trees; 0 is");
    }
}
