using Mlops.Contracts.Spec;

namespace Mlops.Search;

/// <summary>
/// Asynchronous successive halving, stopping variant (L. Li, K. Jamieson, A. Rostamizadeh, E. Gonina, M. Hardt, B. Recht and
/// A. Talwalkar, "A system for massively parallel hyperparameter tuning", 2020). Nobody waits: a trial is compared with those
/// that have got as far before it, so that what is stopped depends on the order in which trials get there.
/// </summary>
public static class SuccessiveHalving
{
    /// <summary>The epochs after which a trial is compared, rising, all before its last one.</summary>
    public static IReadOnlyList<int> Rungs(SuccessiveHalvingSpec spec, int mostEpochs)
    {
        var rungs = new List<int>();
        for (var epochs = (long)spec.MinEpochs; epochs < mostEpochs; epochs *= spec.Reduction)
            rungs.Add((int)epochs);
        return rungs;
    }

    /// <summary>Whether a trial goes on: it is among the best 1/η of all at its rung, itself among them, or the best where these are none.</summary>
    /// <param name="spec">Says η.</param>
    /// <param name="cost">Of the trial at the rung; the lower, the better.</param>
    /// <param name="others">Of those that got there before.</param>
    public static bool GoesOn(SuccessiveHalvingSpec spec, double cost, IReadOnlyCollection<double> others) =>
        others.Count(other => other < cost) < Math.Max(1, (others.Count + 1) / spec.Reduction);
}
