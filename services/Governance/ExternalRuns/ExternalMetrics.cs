using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance.ExternalRuns;

/// <summary>One value of one metric of a run elsewhere.</summary>
/// <param name="Name">Such as <c>validation/accuracy</c>: 1 to 128 letters, digits, '.', '_', '-' or '/', beginning with a letter or digit.</param>
/// <param name="Step">What the run counts, such as epochs: 0 and above; 0 unless given.</param>
/// <param name="Value">A finite number.</param>
public sealed record ExternalMetric(string? Name, int? Step, double? Value);

/// <summary>Metrics of a run elsewhere: added, never changed.</summary>
internal static partial class ExternalMetrics
{
    /// <summary>How many may come at once.</summary>
    public const int MaxPoints = 1_000;

    /// <summary>The points as the registry keeps them; adds what is wrong with them to <paramref name="problems"/>.</summary>
    public static List<MetricPoint> Check(string field, IReadOnlyList<ExternalMetric?>? metrics, Guid runId, List<Problem> problems)
    {
        var points = new List<MetricPoint>();
        if (metrics is { Count: > MaxPoints })
        {
            problems.Add(new Problem(field, $"{metrics.Count} points at once are not accepted; up to {MaxPoints} are"));
            return points;
        }
        var seen = new HashSet<(string, int)>();
        foreach (var (metric, index) in (metrics ?? []).Select((metric, index) => (metric, index)))
        {
            var (name, step) = (metric?.Name ?? "", metric?.Step ?? 0);
            if (!Name().IsMatch(name))
                problems.Add(new Problem($"{field}[{index}].name", $"'{RequestValues.Shorten(name)}' is not accepted; 1 to 128 letters, digits, '.', '_', '-' or '/', beginning with a letter or digit, are"));
            if (step < 0)
                problems.Add(new Problem($"{field}[{index}].step", $"{step} is not accepted; a whole number from 0 on is"));
            if (metric?.Value is not { } value || !double.IsFinite(value))
                problems.Add(new Problem($"{field}[{index}].value", $"{(metric?.Value is null ? "missing" : "not finite")}; a finite number is accepted"));
            else if (!seen.Add((name, step)))
                problems.Add(new Problem($"{field}[{index}]", $"'{name}' stands twice for step {step}; one value for each step is accepted"));
            else
                points.Add(new MetricPoint { TrainingRunId = runId, Name = name, Step = step, Value = value });
        }
        return points;
    }

    /// <summary>Adds the points that are not there yet, in this transaction, which holds the run.</summary>
    /// <returns>Those that were added.</returns>
    /// <exception cref="Fault">Conflict: a point is there with another value.</exception>
    public static async Task<IReadOnlyList<MetricPoint>> AddAsync(RegistryDbContext db, Guid runId, IReadOnlyList<MetricPoint> points, CancellationToken cancellationToken)
    {
        var names = points.Select(point => point.Name).Distinct().ToList();
        var kept = await db.MetricPoints.AsNoTracking().Where(point => point.TrainingRunId == runId && names.Contains(point.Name))
            .ToDictionaryAsync(point => (point.Name, point.Step), point => point.Value, cancellationToken);
        var changed = points.Where(point => kept.TryGetValue((point.Name, point.Step), out var value) && value != point.Value).ToList();
        if (changed.Count > 0)
            throw new Fault(FaultKind.Conflict, [.. changed.Select(point =>
                new Problem("metrics", FormattableString.Invariant($"{point.Name} at step {point.Step} is {kept[(point.Name, point.Step)]} already, not {point.Value}; metrics are added, never changed")))]);
        List<MetricPoint> added = [.. points.Where(point => !kept.ContainsKey((point.Name, point.Step)))];
        db.Insert(added);
        return added;
    }

    /// <summary>The points as the audit log keeps them: by name, each with its step and value, so that each can be proved.</summary>
    public static Dictionary<string, double[][]> Audited(IEnumerable<MetricPoint> points) => points.GroupBy(point => point.Name)
        .ToDictionary(group => group.Key, group => group.OrderBy(point => point.Step).Select(point => new[] { point.Step, point.Value }).ToArray());

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}\z")]
    private static partial Regex Name();
}
