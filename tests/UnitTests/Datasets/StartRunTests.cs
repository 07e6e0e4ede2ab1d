using System.Net;
using System.Text;
using System.Text.Json;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

public sealed class StartRunTests
{
    [Fact]
    public async Task Start_OnAVersionThatExists_RequestsTraining()
    {
        await using var server = await WithFlowersAsync();

        var answer = await StartAsync(server, Flowers.Spec);

        answer.Status.ShouldBe(HttpStatusCode.Accepted, answer.Text);
        answer.Location.ShouldBe($"/runs/{answer.RunId}");
        var version = (await server.RowsAsync<DatasetVersion>()).ShouldHaveSingleItem();
        var run = (await server.RowsAsync<PipelineRun>()).ShouldHaveSingleItem();
        (run.Id, run.Name, run.DatasetVersionId).ShouldBe((answer.RunId, "flowers", version.Id));
        var edge = (await server.RowsAsync<LineageEdge>()).ShouldHaveSingleItem();
        (edge.ChildId, edge.Relation, edge.ParentId).ShouldBe((run.Id, "runs-on", version.Id));
        var message = (await server.RowsAsync<OutboxMessage>()).Single(message => message.Type == nameof(TrainingRequested));
        var requested = JsonSerializer.Deserialize<TrainingRequested>(message.Body, SpecJson.Canonical)!;
        (requested.PipelineRunId, requested.DatasetVersionId, requested.SpecDigest).ShouldBe((run.Id, version.Id, run.SpecDigest));
    }

    [Fact]
    public async Task Start_SameSpecAsARegistration_SharesOutTheRowsAlike()
    {
        await using var server = await DatasetsServer.StartAsync();
        await server.RegisterAsync("flowers", Flowers.Csv, Flowers.Spec);

        await StartAsync(server, Flowers.Spec);

        var runs = await server.RowsAsync<PipelineRun>();
        (runs.Count, runs.Select(run => run.SplitDigest).Distinct().Count(), runs.Select(run => run.SpecDigest).Distinct().Count()).ShouldBe((2, 1, 1));
    }

    [Fact]
    public async Task Start_OnNoVersion_IsNotFound()
    {
        await using var server = await WithFlowersAsync();

        (await StartAsync(server, Flowers.Spec, version: 7)).ShouldRefuse(HttpStatusCode.NotFound, new Problem("version", "there is no version 7 of a data set 'flowers'"));
    }

    [Fact]
    public async Task Start_SpecThatDoesNotFit_TellsEveryProblem()
    {
        await using var server = await WithFlowersAsync();

        var answer = await StartAsync(server, """{"task":"classification","target":"sort","columns":{"weight":"numeric"}}""");

        answer.ShouldRefuse(HttpStatusCode.BadRequest,
            new Problem("target", "there is no column 'sort'; there are size, colour, kind"),
            new Problem("columns.weight", "there is no such column; there are size, colour, kind"));
        (await server.RowsAsync<PipelineRun>()).ShouldBeEmpty();
        server.StoredFiles().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Start_ColumnThatTheSpecTypesOtherwise_TellsTheValue()
    {
        await using var server = await WithFlowersAsync();

        (await StartAsync(server, """{"task":"classification","target":"kind","columns":{"colour":"numeric"}}""")).ShouldRefuse(HttpStatusCode.BadRequest,
            new Problem("colour", "'red' is not a finite number, as the column is declared to hold; a number, or an empty field where it is missing, is accepted", 1));
    }

    [Theory]
    [InlineData("text/plain", "'text/plain; charset=utf-8' is not accepted; the spec as application/json is")]
    [InlineData(null, "missing; the spec as application/json is")]
    public async Task Start_NotAsJson_SaysWhatIsAccepted(string? type, string message)
    {
        await using var server = await WithFlowersAsync();
        var content = new StringContent(Flowers.Spec, Encoding.UTF8, type ?? "text/plain");
        if (type is null)
            content.Headers.ContentType = null;

        (await server.PostAsync("/datasets/flowers/versions/1/runs", content)).ShouldRefuse(HttpStatusCode.BadRequest, new Problem("Content-Type", message));
    }

    [Fact]
    public async Task Start_SpecOfMoreThanAMegabyte_IsTooLarge()
    {
        await using var server = await WithFlowersAsync();

        (await StartAsync(server, new string(' ', 40 << 20))).ShouldRefuse(HttpStatusCode.RequestEntityTooLarge,
            new Problem("spec", "more than 1048576 bytes; at most 1048576 are accepted"));
    }

    private static async Task<DatasetsServer> WithFlowersAsync()
    {
        var server = await DatasetsServer.StartAsync();
        await server.RegisterAsync("flowers", Flowers.Csv);
        return server;
    }

    private static Task<Answer> StartAsync(DatasetsServer server, string spec, int version = 1) =>
        server.PostAsync($"/datasets/flowers/versions/{version}/runs", new StringContent(spec, Encoding.UTF8, "application/json"));
}
