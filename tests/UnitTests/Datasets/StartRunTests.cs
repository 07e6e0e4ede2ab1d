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

    [Fact]
    public async Task Start_WithAModelThatExists_RequestsItsEvaluationOnce()
    {
        await using var server = await WithFlowersAsync();
        var model = await GivenAsync(server, "size");

        var answer = await StartAsync(server, Flowers.Spec, query: "?model=given&modelVersion=1");

        answer.Status.ShouldBe(HttpStatusCode.Accepted, answer.Text);
        var run = (await server.RowsAsync<PipelineRun>()).ShouldHaveSingleItem();
        // Unless the spec names it, the run is of the model that it is about.
        run.Name.ShouldBe("given");
        (await server.RowsAsync<LineageEdge>()).Select(edge => (edge.ChildId, edge.Relation, edge.ParentId)).ShouldContain((run.Id, "begins-with", model));
        var message = (await server.RowsAsync<OutboxMessage>()).Single(message => message.Type == nameof(EvaluationRequested));
        var requested = JsonSerializer.Deserialize<EvaluationRequested>(message.Body, SpecJson.Canonical)!;
        (requested.PipelineRunId, requested.DatasetVersionId, requested.SpecDigest, requested.ModelVersionId).ShouldBe((run.Id, run.DatasetVersionId, run.SpecDigest, model));
        (await server.RowsAsync<OutboxMessage>()).ShouldNotContain(other => other.Type == nameof(TrainingRequested));
        (await StartAsync(server, Flowers.Spec, query: "?model=given&modelVersion=1")).ShouldRefuse(HttpStatusCode.Conflict,
            new Problem("modelVersion", $"run {run.Id} has begun with given version 1; that one can be retried, if it has failed"));
        (await server.RowsAsync<PipelineRun>()).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("?model=given", HttpStatusCode.BadRequest, "modelVersion", "missing; the number of a version is accepted with model")]
    [InlineData("?modelVersion=1", HttpStatusCode.BadRequest, "model", "missing; the model's name is accepted with modelVersion")]
    [InlineData("?model=given&modelVersion=x", HttpStatusCode.BadRequest, "modelVersion", "not a version; the number of a version is accepted with model")]
    [InlineData("?model=given&modelVersion=2", HttpStatusCode.NotFound, "modelVersion", "there is no version 2 of a model 'given'")]
    [InlineData("?model=given&modelVersion=1", HttpStatusCode.BadRequest, "model.inputs.features", "there is no column 'weight'; there are size, colour, kind")]
    public async Task Start_WithAModelThatDoesNotDo_SaysWhy(string query, HttpStatusCode status, string field, string text)
    {
        await using var server = await WithFlowersAsync();
        await GivenAsync(server, "weight");

        (await StartAsync(server, Flowers.Spec, query: query)).ShouldRefuse(status, new Problem(field, text));
        (await server.RowsAsync<PipelineRun>()).ShouldBeEmpty();
    }

    /// <summary>A model version that was made elsewhere, of one number.</summary>
    private static async Task<Guid> GivenAsync(DatasetsServer server, string column)
    {
        var registry = server.Registry;
        var origin = new ExternalRun { Id = registry.NewId(), Name = "given", Source = "a test", Parameters = "{}", StartedAt = registry.Now(), CreatedAt = registry.Now() };
        var version = new ModelVersion
        {
            Id = registry.NewId(),
            Name = "given",
            Version = 1,
            Digest = new string('a', 64),
            Bytes = 10,
            Signature = new ModelSignature
            {
                Task = TaskKind.Classification,
                Inputs = [new TensorSignature { Name = "features", Datatype = "FP32", Shape = [-1, 1], Columns = [column] }],
                Outputs = [new TensorSignature { Name = "label", Datatype = "BYTES", Shape = [-1] }, new TensorSignature { Name = "probabilities", Datatype = "FP32", Shape = [-1, 2] }],
                Classes = ["rose", "tulip"],
            },
            Method = ModelVersion.Original,
            ExternalRunId = origin.Id,
            CreatedAt = registry.Now(),
        };
        await registry.WriteAsync((db, _) =>
        {
            db.Insert(origin, version);
            return Task.CompletedTask;
        }, TestContext.Current.CancellationToken);
        return version.Id;
    }

    private static async Task<DatasetsServer> WithFlowersAsync()
    {
        var server = await DatasetsServer.StartAsync();
        await server.RegisterAsync("flowers", Flowers.Csv);
        return server;
    }

    private static Task<Answer> StartAsync(DatasetsServer server, string spec, int version = 1, string query = "") =>
        server.PostAsync($"/datasets/flowers/versions/{version}/runs{query}", new StringContent(spec, Encoding.UTF8, "application/json"));
}
