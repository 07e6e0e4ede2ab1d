using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Registry;
using Mlops.Registry.Audit;
using Mlops.Testing;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>
/// What the registry says, so that two states can be compared that were reached in different ways: without times, hashes of
/// the chain, measured speeds and the number of attempts, and with new ids named by what is said of them.
/// </summary>
internal sealed partial class RegistrySnapshot
{
    private static readonly FrozenSet<string> LeftOut = new[]
    {
        "audit_entries.sequence", "audit_entries.at", "audit_entries.previous_hash", "audit_entries.hash",
        "work_items.attempt", "work_items.failures", "work_items.error", "work_items.worker", "work_items.checkpoint", "work_items.progress",
        "outbox_messages.attempts", "deployments.load_milliseconds", "compressions.measurements",
    }.ToFrozenSet();

    private RegistrySnapshot(IReadOnlyList<string> rows, IReadOnlyList<string> defects) => (Rows, Defects) = (rows, defects);

    /// <summary>A line for each row.</summary>
    public IReadOnlyList<string> Rows { get; }

    /// <summary>What is wrong whatever else there is: a chain that is broken, a fact whose artifact is not there.</summary>
    public IReadOnlyList<string> Defects { get; }

    /// <summary>The state that a process has left in a folder.</summary>
    public static async Task<RegistrySnapshot> TakeAsync(string folder, CancellationToken cancellationToken)
    {
        await using var registry = TestRegistry.OpenSqlite(SimulatedProcess.RegistryIn(folder));
        var artifacts = SimulatedProcess.ArtifactsIn(folder);
        var (rows, defects) = await registry.Store.ReadAsync(
            async (db, token) => (await RowsAsync(db, token), await DefectsAsync(db, artifacts, token)), cancellationToken);
        return new RegistrySnapshot(rows, defects);
    }

    /// <summary>The differences between this state and the one that should be, which both came from <paramref name="origin"/>.</summary>
    /// <param name="origin">The state before.</param>
    /// <param name="expected">What an undisturbed process left.</param>
    /// <param name="mayRepeat">Whether the same may be said several times, by one life of a process after another.</param>
    public IEnumerable<string> DifferencesFrom(RegistrySnapshot origin, RegistrySnapshot expected, bool mayRepeat)
    {
        var known = origin.Rows.SelectMany(row => Ids().Matches(row)).Select(match => match.Value).ToHashSet();
        var (ours, theirs) = (Count(Named(Rows, known), mayRepeat), Count(Named(expected.Rows, known), mayRepeat));
        foreach (var row in ours.Keys.Union(theirs.Keys).Order(StringComparer.Ordinal))
            if (ours.GetValueOrDefault(row) != theirs.GetValueOrDefault(row))
                yield return $"{ours.GetValueOrDefault(row)} times instead of {theirs.GetValueOrDefault(row)}: {row}";
    }

    private static Dictionary<string, int> Count(IEnumerable<string> rows, bool mayRepeat) =>
        rows.CountBy(row => row).ToDictionary(pair => pair.Key, pair => mayRepeat ? 1 : pair.Value);

    /// <summary>Gives each id that is not known a name made of the rows that speak of it, and of the names in these, three steps far.</summary>
    private static IEnumerable<string> Named(IReadOnlyList<string> rows, HashSet<string> known)
    {
        var mentions = rows.SelectMany(row => Ids().Matches(row).Select(match => (Id: match.Value, Row: row)))
            .Where(mention => !known.Contains(mention.Id)).Distinct().ToLookup(mention => mention.Id, mention => mention.Row);
        var names = mentions.ToDictionary(mention => mention.Key, _ => "new");
        for (var step = 0; step < 3; step++)
            names = mentions.ToDictionary(mention => mention.Key, mention =>
            {
                var said = mention.Select(row => Replace(row, id => id == mention.Key ? "it" : names.GetValueOrDefault(id, id))).Order(StringComparer.Ordinal);
                return $"new-{ContentDigest.Of(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', said))).ToString()[..8]}";
            });
        return rows.Select(row => Replace(row, id => names.GetValueOrDefault(id, id)));
    }

    private static string Replace(string row, Func<string, string> nameOf) => Ids().Replace(row, match => nameOf(match.Value));

    private static async Task<List<string>> RowsAsync(RegistryDbContext db, CancellationToken cancellationToken)
    {
        var rows = new List<string>();
        await db.Database.OpenConnectionAsync(cancellationToken);
        foreach (var table in db.Model.GetEntityTypes().Select(entity => entity.GetTableName()!).Distinct())
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"SELECT * FROM {table}";
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var columns = Enumerable.Range(0, reader.FieldCount)
                    .Where(column => !LeftOut.Contains($"{table}.{reader.GetName(column)}"))
                    .Select(column => $"{reader.GetName(column)}={ValueOf(reader.GetName(column), reader.GetValue(column))}");
                rows.Add(Measured().Replace(Times().Replace($"{table}: {string.Join("; ", columns)}".ToLowerInvariant(), "time"), "$1speed"));
            }
        }
        return rows;
    }

    /// <summary>Of a time, whether there is one.</summary>
    private static string ValueOf(string column, object value) => (column.EndsWith("_at", StringComparison.Ordinal), value) switch
    {
        (true, DBNull) => "none",
        (true, _) => "time",
        (_, byte[] bytes) => Convert.ToHexStringLower(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static async Task<List<string>> DefectsAsync(RegistryDbContext db, FolderArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var defects = new List<string>();
        if ((await AuditChain.VerifyAsync(db, cancellationToken)).BrokenAt is { } broken)
            defects.Add($"the audit chain is broken at {broken}");
        var referenced = await db.ModelVersions.Select(version => version.Digest).Concat(db.EvaluationReports.Select(report => report.ReportDigest))
            .Concat(db.Folds.Select(fold => fold.PredictionsDigest))
            .Concat(db.Reproductions.Where(fact => fact.Digest != null).Select(fact => fact.Digest!))
            .Concat(db.WorkItems.Where(item => item.Checkpoint != null && item.FinishedAt == null).Select(item => item.Checkpoint!)).ToListAsync(cancellationToken);
        var reproductions = await db.Reproductions.AsNoTracking().ToListAsync(cancellationToken);
        referenced.AddRange(reproductions.Select(fact => fact.Variant?.Digest).OfType<string>());
        foreach (var digest in referenced)
            if (!await artifacts.ExistsAsync(ContentDigest.Parse(digest), cancellationToken))
                defects.Add($"the artifact {digest} is referenced, but not there");
        return defects;
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Ids();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dt[\d:.]+(z|\+00:00)")]
    private static partial Regex Times();

    [GeneratedRegex("""("(?:loadmilliseconds|medianmicroseconds|p95microseconds|peakmemorybytes|seconds|rowspersecond)":)[-+0-9.e]+""")]
    private static partial Regex Measured();
}
