using Mlops.Contracts.Spec;
using Mlops.Training.Features;

namespace Mlops.Training.Selection;

/// <summary>Which architectures are worth a try on a data set, the cheapest first.</summary>
internal static class Candidates
{
    /// <summary>The candidates for a spec that leaves the architecture open.</summary>
    /// <param name="spec">Its model is not looked at.</param>
    /// <param name="preprocessing">Fitted to the training rows.</param>
    public static IReadOnlyList<ModelSpec> Of(PipelineSpec spec, Preprocessing preprocessing)
    {
        // A loss that is compared with others from another time must not be one of chance.
        double? dropout = spec.Optimizer is LbfgsSpec ? 0 : null;
        if (preprocessing.Features.Any(feature => feature is TermsFeature))
            return [new TextBagSpec { Dropout = dropout ?? 0.7 }, new TextBagSpec { Hidden = [64], Dropout = dropout ?? 0.6 }];
        var candidates = new List<ModelSpec> { new LinearSpec() };
        if (BoostedTreesSpec.Suits(spec))
            candidates.Add(new BoostedTreesSpec());
        candidates.Add(new MlpSpec { Dropout = dropout ?? 0.1 });
        candidates.Add(new ResidualMlpSpec { Dropout = dropout ?? 0.1 });
        return candidates;
    }
}
