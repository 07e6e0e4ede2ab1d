using System.Globalization;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Training.Trees;

/// <summary>A spec in LightGBM's parameters (its documentation, "Parameters").</summary>
internal static class BoostingParameters
{
    /// <summary>Those of a whole training. One thread and columns first: the order of every sum is fixed.</summary>
    public static string Of(BoostedTreesSpec spec, LossSpec loss, int classes) => string.Create(CultureInfo.InvariantCulture, $"""
        {ObjectiveOf(loss, classes)} metric=none verbosity=-1 num_threads=1 deterministic=true force_col_wise=true
        learning_rate={spec.LearningRate} num_leaves={spec.Leaves} max_depth={(spec.MaxDepth == 0 ? -1 : spec.MaxDepth)}
        min_data_in_leaf={spec.MinRowsInLeaf} min_sum_hessian_in_leaf={spec.MinHessianInLeaf} min_gain_to_split={spec.MinGain}
        lambda_l1={spec.L1} lambda_l2={spec.L2} max_bin={spec.Bins}
        feature_fraction={spec.FeatureFraction} bagging_fraction={spec.BaggingFraction} bagging_freq=1
        """).ReplaceLineEndings(" ");

    /// <summary>Those of one round besides: seeds that depend on no round before it.</summary>
    public static string OfRound(BoostedTreesSpec spec, int seed, int round)
    {
        if (!spec.IsRandom)
            return "";
        var chance = new SeededRandom(((ulong)seed << 32) | (uint)round);
        return string.Create(CultureInfo.InvariantCulture, $" bagging_seed={chance.NextInt(int.MaxValue)} feature_fraction_seed={chance.NextInt(int.MaxValue)}");
    }

    private static string ObjectiveOf(LossSpec loss, int classes) => loss switch
    {
        CrossEntropyLossSpec => classes == 2 ? "objective=binary" : FormattableString.Invariant($"objective=multiclass num_class={classes}"),
        MaeLossSpec => "objective=regression_l1",
        HuberLossSpec huber => FormattableString.Invariant($"objective=huber alpha={huber.Delta}"),
        QuantileLossSpec quantile => FormattableString.Invariant($"objective=quantile alpha={quantile.Quantile}"),
        MseLossSpec => "objective=regression",
        _ => throw new InvalidOperationException($"{loss.GetType().Name} is no loss of trees"),
    };
}
