using Microsoft.EntityFrameworkCore;

namespace Mlops.Registry.Lineage;

/// <summary>Which way to follow the edges.</summary>
public enum LineageDirection
{
    /// <summary>To what it was made from.</summary>
    Up,

    /// <summary>To what was made from it.</summary>
    Down,
}

/// <summary>A fact in a lineage.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its id.</param>
/// <param name="Label">In words.</param>
/// <param name="Digest">SHA-256 of its bytes, where it has bytes.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record LineageNode(FactKind Kind, Guid Id, string Label, string? Digest, DateTimeOffset CreatedAt);

/// <summary>What a fact came from, or what came from it.</summary>
/// <param name="Nodes">The facts, oldest first.</param>
/// <param name="Edges">How they hang together.</param>
public sealed record LineageGraph(IReadOnlyList<LineageNode> Nodes, IReadOnlyList<LineageEdge> Edges);

/// <summary>Follows lineage edges up or down.</summary>
public static class LineageQuery
{
    /// <summary>How many steps are followed at most.</summary>
    public const int MaxDepth = 64;

    /// <summary>Everything above or below one fact, itself included.</summary>
    public static async Task<LineageGraph> TraceAsync(
        RegistryDbContext db, FactKind kind, Guid id, LineageDirection direction, CancellationToken cancellationToken)
    {
        var (near, far) = direction == LineageDirection.Up ? ("child_id", "parent_id") : ("parent_id", "child_id");
        var trace =
            $$"""
            WITH RECURSIVE reached (id, depth) AS (
                SELECT {0}, 0
                UNION
                SELECT edge.{{far}}, reached.depth + 1 FROM lineage_edges edge JOIN reached ON edge.{{near}} = reached.id
                WHERE reached.depth < {{MaxDepth}})
            SELECT edge.* FROM lineage_edges edge WHERE edge.{{near}} IN (SELECT id FROM reached)
            """;
        var edges = await db.LineageEdges.FromSqlRaw(trace, id).AsNoTracking().ToListAsync(cancellationToken);
        var facts = edges.Select(edge => (edge.ChildKind, edge.ChildId))
            .Concat(edges.Select(edge => (edge.ParentKind, edge.ParentId)))
            .Append((kind, id)).ToHashSet();
        var nodes = new List<LineageNode>();
        foreach (var group in facts.GroupBy(fact => fact.Item1, fact => fact.Item2))
            nodes.AddRange(await NodesAsync(db, group.Key, [.. group], cancellationToken));
        return new LineageGraph([.. nodes.OrderBy(node => node.CreatedAt)], edges);
    }

    private static Task<List<LineageNode>> NodesAsync(RegistryDbContext db, FactKind kind, List<Guid> ids, CancellationToken cancellationToken)
    {
        var nodes = kind switch
        {
            FactKind.DatasetVersion => db.DatasetVersions.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, fact.Name + " version " + fact.Version + ", " + fact.Rows + " rows", fact.Digest, fact.CreatedAt)),
            FactKind.PipelineRun => db.PipelineRuns.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, "run of spec " + fact.Name, fact.SpecDigest, fact.CreatedAt)),
            FactKind.TrainingRun => db.TrainingRuns.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, fact.Epochs + " epochs on " + fact.Device, null, fact.CreatedAt)),
            FactKind.ModelVersion => db.ModelVersions.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, fact.Name + " version " + fact.Version + ", " + fact.Method, fact.Digest, fact.CreatedAt)),
            FactKind.EvaluationReport => db.EvaluationReports.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, fact.Passed ? "passed on " + fact.Rows + " rows" : "not passed on " + fact.Rows + " rows", fact.ReportDigest, fact.CreatedAt)),
            FactKind.Promotion => db.Promotions.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, fact.Alias + " of " + fact.ModelName + ", promotion " + fact.Sequence, null, fact.CreatedAt)),
            FactKind.Deployment => db.Deployments.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, "on " + fact.Replica, null, fact.CreatedAt)),
            FactKind.ExternalRun => db.ExternalRuns.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, "run of " + fact.Name + " elsewhere, by " + fact.Source + (fact.License == null ? "" : ", license " + fact.License), null, fact.CreatedAt)),
            FactKind.Rollout => db.Rollouts.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, "rollout of " + fact.ModelName, null, fact.CreatedAt)),
            FactKind.Fold => db.Folds.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, "fold " + fact.Number + " of repeat " + fact.Repeat + ", " + fact.HeldOutRows + " rows held out", fact.PredictionsDigest, fact.CreatedAt)),
            FactKind.Reproduction => db.Reproductions.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, "trained again: " + fact.Verdict.ToString().ToLower() + (fact.Variant == null ? "" : ", compressed again: " + fact.Variant.Verdict.ToString().ToLower()), fact.Digest, fact.CreatedAt)),
            FactKind.Trial => db.Trials.Where(fact => ids.Contains(fact.Id))
                .Select(fact => new LineageNode(kind, fact.Id, "trial " + fact.Number + " of a search", null, fact.CreatedAt)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return nodes.ToListAsync(cancellationToken);
    }
}
