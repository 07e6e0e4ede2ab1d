using System.Globalization;
using Mlops.Chaos.Checks;

namespace Mlops.Chaos;

/// <summary>A run as text.</summary>
internal static class ChaosReport
{
    public static IEnumerable<string> Lines(ChaosResult result)
    {
        yield return "";
        yield return "fault           count   progress again p50 / longest   all under way moved on p50 / longest";
        foreach (var kind in result.Faults.GroupBy(fault => fault.Fault.Planned.Kind).OrderBy(kind => kind.Key))
            yield return $"{kind.Key,-14}{kind.Count(),7}{Spread(kind.Select(fault => fault.Recovery.First)),31}{Spread(kind.Select(fault => fault.Recovery.All)),39}";
        yield return "";
        yield return $"outcomes: {string.Join(", ", result.Outcomes.OrderBy(outcome => outcome.Key, StringComparer.Ordinal).Select(outcome => $"{outcome.Value} {outcome.Key}"))}";
        yield return $"calls without an answer, made again: {result.Unanswered}; processes that ended by themselves, started again: {result.Revived}";
        foreach (var violation in result.Violations)
            yield return $"violated ({violation.Breach}): {violation.Text}";
    }

    public static string LastLine(ChaosResult result) =>
        $"chaos: faults={result.Faults.Count} pipelines={result.Pipelines} lost={result.Count(Breach.Lost)} duplicated={result.Count(Breach.Duplicated)} "
        + $"recover_p50={Seconds(result.RecoveryAt(0.5))}s recover_p99={Seconds(result.RecoveryAt(0.99))}s";

    private static string Spread(IEnumerable<TimeSpan?> times)
    {
        var known = times.OfType<TimeSpan>().ToList();
        return known.Count == 0 ? "–" : $"{Seconds(RecoveryTimes.Percentile(known, 0.5))} / {Seconds(known.Max())} s";
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
}
