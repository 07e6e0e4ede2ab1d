using System.ComponentModel;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Lineage;

namespace Mlops.Governance;

/// <summary>What facts came from, or what came from them.</summary>
/// <param name="Subjects">Where the search began; several when facts share a digest.</param>
/// <param name="Direction">Which way it went.</param>
/// <param name="Nodes">Every fact that was reached, the subjects included; oldest first.</param>
/// <param name="Edges">How they hang together, from what was made to what it was made from.</param>
public sealed record LineageAnswer(
    IReadOnlyList<LineageNode> Subjects, LineageDirection Direction, IReadOnlyList<LineageNode> Nodes, IReadOnlyList<LineageLink> Edges);

/// <summary>A child that came from a parent.</summary>
/// <param name="ChildKind">What was made.</param>
/// <param name="ChildId">Its id.</param>
/// <param name="Relation">How, such as <c>trained-on</c>.</param>
/// <param name="ParentKind">What it was made from.</param>
/// <param name="ParentId">Its id.</param>
public sealed record LineageLink(FactKind ChildKind, Guid ChildId, string Relation, FactKind ParentKind, Guid ParentId);

internal static class ShowLineage
{
    /// <summary>So many facts of one digest are followed; the same bytes may have been registered any number of times.</summary>
    private const int MaxSubjects = 10;

    public const string DirectionRule = "up: what it was made from (unless given); down: what was made from it.";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/lineage/{kind}/{id}", (
                RegistryStore registry,
                [Description("A kind of fact in kebab-case, such as model-version.")] string kind, string id,
                [Description(DirectionRule)] string? direction, CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, kind, id, direction, token), cancellationToken))
            .WithName(nameof(ShowLineage)).WithTags("Lineage").WithSummary("Traces a fact up to what it was made from, or down to what was made from it")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        app.MapGet("/lineage/by-digest/{sha256}", (
                RegistryStore registry,
                [Description("SHA-256 in 64 lower-case hexadecimal digits, as a prediction answers with it.")] string sha256,
                [Description(DirectionRule)] string? direction, CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadByDigestAsync(db, sha256, direction, token), cancellationToken))
            .WithName("ShowLineageByDigest").WithTags("Lineage").WithSummary("Traces the data set version, model version, report or run's spec that has these bytes")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    public static Task<LineageAnswer> ReadAsync(RegistryDbContext db, string kind, string id, string? direction, CancellationToken cancellationToken) =>
        TraceAsync(
            db, [(RequestValues.OptionalChoice<FactKind>("kind", kind)!.Value, RequestValues.Id("id", id))],
            RequestValues.Choice("direction", direction, LineageDirection.Up), cancellationToken);

    public static async Task<LineageAnswer> ReadByDigestAsync(RegistryDbContext db, string sha256, string? direction, CancellationToken cancellationToken)
    {
        var digest = ContentDigest.Parse(sha256).ToString();
        var way = RequestValues.Choice("direction", direction, LineageDirection.Up);
        var datasets = db.DatasetVersions.Where(fact => fact.Digest == digest).Select(fact => new { Kind = FactKind.DatasetVersion, fact.Id });
        var models = db.ModelVersions.Where(fact => fact.Digest == digest).Select(fact => new { Kind = FactKind.ModelVersion, fact.Id });
        var reports = db.EvaluationReports.Where(fact => fact.ReportDigest == digest).Select(fact => new { Kind = FactKind.EvaluationReport, fact.Id });
        var runs = db.PipelineRuns.Where(fact => fact.SpecDigest == digest).Select(fact => new { Kind = FactKind.PipelineRun, fact.Id });
        var found = await datasets.Concat(models).Concat(reports).Concat(runs).OrderByDescending(fact => fact.Id).Take(MaxSubjects).ToListAsync(cancellationToken);
        return found.Count == 0
            ? throw Fault.NotFound("sha256", $"no data set version, model version, report or spec has the digest {digest}")
            : await TraceAsync(db, found.ConvertAll(fact => (fact.Kind, fact.Id)), way, cancellationToken);
    }

    private static async Task<LineageAnswer> TraceAsync(
        RegistryDbContext db, IReadOnlyList<(FactKind Kind, Guid Id)> subjects, LineageDirection direction, CancellationToken cancellationToken)
    {
        var nodes = new Dictionary<Guid, LineageNode>();
        var edges = new HashSet<LineageLink>();
        foreach (var (kind, id) in subjects)
        {
            var graph = await LineageQuery.TraceAsync(db, kind, id, direction, cancellationToken);
            foreach (var node in graph.Nodes)
                nodes[node.Id] = node;
            edges.UnionWith(graph.Edges.Select(edge => new LineageLink(edge.ChildKind, edge.ChildId, edge.Relation, edge.ParentKind, edge.ParentId)));
            if (!nodes.ContainsKey(id))
                throw Fault.NotFound("id", $"there is no {SpecJson.NameOf(kind)} {id}");
        }
        return new LineageAnswer(
            [.. subjects.Select(subject => nodes[subject.Id])], direction, [.. nodes.Values.OrderBy(node => node.CreatedAt).ThenBy(node => node.Id)], [.. edges]);
    }
}
