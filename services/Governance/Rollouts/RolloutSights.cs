using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Rollouts;
using Mlops.Monitoring;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance.Rollouts;

/// <summary>Adds up what the replicas saw.</summary>
internal static class RolloutSights
{
    /// <summary>What was seen of a rollout within its window.</summary>
    public static async Task<RolloutSight> ReadAsync(RegistryDbContext db, Rollout rollout, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var since = until.AddSeconds(-rollout.Objectives.WindowSeconds);
        var seen = await db.RolloutObservations.AsNoTracking().Where(row => row.RolloutId == rollout.Id && row.CreatedAt > since && row.CreatedAt <= until).ToListAsync(cancellationToken);
        return new RolloutSight(Sum(seen.Select(row => row.Champion)), Sum(seen.Select(row => row.Candidate)), seen.Sum(row => row.Compared), seen.Sum(row => row.Differing));
    }

    /// <summary>Several observations as one.</summary>
    public static ObservedAnswers Sum(IEnumerable<ObservedAnswers> some)
    {
        var all = some.ToList();
        return new ObservedAnswers
        {
            Requests = all.Sum(side => side.Requests),
            Errors = all.Sum(side => side.Errors),
            Latency = SketchBins.Sum(all.Select(side => side.Latency)),
            Outputs = all.SelectMany(side => side.Outputs).GroupBy(output => output.Key, output => output.Value).ToDictionary(
                group => group.Key,
                group => new ObservedOutput(SketchBins.Sum(group.Select(output => output.Numbers)), SketchBins.Sum(group.Select(output => output.Categories)))),
        };
    }
}
