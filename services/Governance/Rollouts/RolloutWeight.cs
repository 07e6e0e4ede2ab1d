using Mlops.Contracts;

namespace Mlops.Governance.Rollouts;

/// <summary>The rule for a candidate's share of the requests.</summary>
internal static class RolloutWeight
{
    public static IEnumerable<Problem> Problems(double? weight)
    {
        if (weight is null)
            yield return new Problem("weight", "missing; the share of requests, 0 to 1, is accepted");
        else if (!(weight is >= 0 and <= 1))
            yield return new Problem("weight", FormattableString.Invariant($"{weight} is not accepted; 0 to 1 is"));
    }
}
