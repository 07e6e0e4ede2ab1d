using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Mlops.Client;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Lineage;
using Spectre.Console;

namespace Mlops.Standalone.Demo;

/// <summary>Leads one prediction back to the bytes of its data set, from nothing but the digest in the answer.</summary>
internal static class LineageTree
{
    public static async Task PrintAsync(RegistryStore registry, Prediction prediction, DemoSample sample, CancellationToken cancellationToken)
    {
        var (origin, graph) = await registry.ReadAsync(async (db, token) =>
        {
            var version = await db.ModelVersions.FirstAsync(row => row.Digest == prediction.ArtifactDigest && row.PipelineRunId == prediction.PipelineRunId, token);
            return (version.Id, await LineageQuery.TraceAsync(db, FactKind.ModelVersion, version.Id, LineageDirection.Up, token));
        }, cancellationToken);

        var tree = new Tree(Markup.Escape($"a prediction of {prediction.ModelName}: the answer carries model digest {prediction.ArtifactDigest}"));
        Grow(tree, graph, graph.Nodes.Single(node => node.Id == origin), "answered by");
        AnsiConsole.MarkupLine("\n[bold]Lineage of the first prediction[/]");
        AnsiConsole.Write(tree);

        var digest = Convert.ToHexStringLower(SHA256.HashData(sample.Csv));
        var recorded = graph.Nodes.Single(node => node.Kind == FactKind.DatasetVersion).Digest;
        AnsiConsole.MarkupLineInterpolated($"  SHA-256 of {sample.Name}.csv, computed now: {digest}: {(digest == recorded ? "the same" : "NOT the same")}\n");
    }

    private static void Grow(IHasTreeNodes parent, LineageGraph graph, LineageNode node, string relation)
    {
        var kind = SpecJson.NameOf(node.Kind).Replace('-', ' ');
        var branch = parent.AddNode(Markup.Escape($"{relation} {kind}: {node.Label}{(node.Digest is null ? "" : $", SHA-256 {node.Digest}")}"));
        foreach (var edge in graph.Edges.Where(edge => edge.ChildId == node.Id))
            Grow(branch, graph, graph.Nodes.Single(next => next.Id == edge.ParentId), edge.Relation);
    }
}
