using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Registry;

public sealed class LineageTests(Databases databases)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Trace_UpFromAVariant_EndsAtTheDataAndLeavesOutSiblings(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        var store = registry.Store;
        var dataset = SampleFacts.Dataset(store);
        var run = SampleFacts.Run(store, dataset);
        var original = SampleFacts.Model(store, run);
        var variant = SampleFacts.Model(store, run, 2, "float16", original.Id);
        var sibling = SampleFacts.Model(store, run, 3, "int8-dynamic", original.Id);
        await store.WriteAsync((db, _) =>
        {
            db.AddRange(dataset, run, original, variant, sibling);
            db.Link(FactKind.PipelineRun, run.Id, "runs-on", FactKind.DatasetVersion, dataset.Id);
            db.Link(FactKind.ModelVersion, original.Id, "produced-by", FactKind.PipelineRun, run.Id);
            db.Link(FactKind.ModelVersion, variant.Id, "compressed-from", FactKind.ModelVersion, original.Id);
            db.Link(FactKind.ModelVersion, sibling.Id, "compressed-from", FactKind.ModelVersion, original.Id);
            return Task.CompletedTask;
        }, Stop);

        var up = await TraceAsync(store, variant, LineageDirection.Up);
        up.Nodes.Select(node => node.Id).ShouldBe([dataset.Id, run.Id, original.Id, variant.Id], ignoreOrder: true);
        up.Nodes.Single(node => node.Kind == FactKind.DatasetVersion).Digest.ShouldBe(dataset.Digest);
        up.Edges.Count.ShouldBe(3);

        var down = await store.ReadAsync((db, token) => LineageQuery.TraceAsync(db, FactKind.DatasetVersion, dataset.Id, LineageDirection.Down, token), Stop);
        down.Nodes.Select(node => node.Id).ShouldBe([dataset.Id, run.Id, original.Id, variant.Id, sibling.Id], ignoreOrder: true);
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task NextModelVersion_TakenByManyAtOnce_GivesEachItsOwn(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        var store = registry.Store;
        var dataset = SampleFacts.Dataset(store);
        var runs = Enumerable.Range(0, 12).Select(_ => SampleFacts.Run(store, dataset)).ToList();
        await store.WriteAsync((db, _) =>
        {
            db.Add(dataset);
            db.AddRange(runs);
            return Task.CompletedTask;
        }, Stop);
        var numbers = await Task.WhenAll(runs.Select(run => store.WriteAsync(async (db, token) =>
        {
            var number = await VersionNumbers.NextModelVersionAsync(db, "iris", token);
            db.Add(SampleFacts.Model(store, run, number));
            return number;
        }, Stop)));
        numbers.Order().ShouldBe(Enumerable.Range(1, 12));
    }

    private static Task<LineageGraph> TraceAsync(RegistryStore store, ModelVersion version, LineageDirection direction) =>
        store.ReadAsync((db, token) => LineageQuery.TraceAsync(db, FactKind.ModelVersion, version.Id, direction, token), Stop);
}
