using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mlops.Artifacts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry.Audit;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

public sealed class RegisterDatasetTests
{
    private static readonly string Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Flowers.Csv)));

    [Fact]
    public async Task Register_CsvAlone_AnswersWhatWasRead()
    {
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.RegisterAsync("flowers", Flowers.Csv);

        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Text);
        answer.Location.ShouldBe("/datasets/flowers/versions/1");
        answer.Json.TryGetProperty("pipelineRunId", out _).ShouldBeFalse();
        answer.Dataset.GetProperty("name").GetString().ShouldBe("flowers");
        answer.Dataset.GetProperty("version").GetInt32().ShouldBe(1);
        answer.Dataset.GetProperty("digest").GetString().ShouldBe(Digest);
        answer.Dataset.GetProperty("bytes").GetInt64().ShouldBe(Flowers.Csv.Length);
        answer.Dataset.GetProperty("rows").GetInt64().ShouldBe(20);
        answer.Dataset.GetProperty("schema").GetRawText().ShouldBe(
            """{"columns":[{"name":"size","type":"numeric"},{"name":"colour","type":"categorical"},{"name":"kind","type":"categorical"}],"ignored":[]}""");
        var size = answer.Dataset.GetProperty("profile").GetProperty("columns")[0];
        (size.GetProperty("count").GetInt32(), size.GetProperty("missing").GetInt32(), size.GetProperty("distinct").GetInt32()).ShouldBe((19, 1, 19));
        // 0.5 to 19.5 without 3.5: (200 - 3.5) / 19.
        size.GetProperty("numbers").GetProperty("mean").GetDouble().ShouldBe(196.5 / 19, 1e-12);
    }

    [Fact]
    public async Task Register_CsvAlone_IsAFactWithAuditEntryAndEvent()
    {
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.RegisterAsync("flowers", Flowers.Csv);

        var version = (await server.RowsAsync<DatasetVersion>()).ShouldHaveSingleItem();
        (version.Id, version.Name, version.Version, version.Digest, version.Bytes, version.Rows)
            .ShouldBe((answer.Dataset.GetProperty("id").GetGuid(), "flowers", 1, Digest, Flowers.Csv.Length, 20L));
        var entry = (await server.RowsAsync<AuditEntry>()).ShouldHaveSingleItem();
        (entry.Actor, entry.Action, entry.SubjectId, entry.Data)
            .ShouldBe(("datasets", "dataset.registered", version.Id, $$"""{"name":"flowers","version":1,"digest":"{{Digest}}","rows":20}"""));
        var registered = Event<DatasetRegistered>(await server.RowsAsync<OutboxMessage>());
        (registered.PipelineRunId, registered.DatasetVersionId, registered.Name, registered.Version, registered.Digest, registered.Rows, registered.SpecDigest)
            .ShouldBe((null, version.Id, "flowers", 1, Digest, 20L, null));
        (await server.RowsAsync<PipelineRun>()).ShouldBeEmpty();
        (await server.RowsAsync<LineageEdge>()).ShouldBeEmpty();
        Path.GetFileName(server.StoredFiles().ShouldHaveSingleItem()).ShouldBe(Digest[2..]);
    }

    [Fact]
    public async Task Register_FormWithSpec_BeginsARun()
    {
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.RegisterAsync("flowers", Flowers.Csv, Flowers.Spec);

        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Text);
        answer.Dataset.GetProperty("digest").GetString().ShouldBe(Digest);
        answer.Dataset.GetProperty("profile").TryGetProperty("classes", out var classes).ShouldBeTrue(answer.Text);
        classes.GetArrayLength().ShouldBe(2);
        var version = (await server.RowsAsync<DatasetVersion>()).ShouldHaveSingleItem();
        var run = (await server.RowsAsync<PipelineRun>()).ShouldHaveSingleItem();
        (run.Id, run.Name, run.DatasetVersionId, run.Spec)
            .ShouldBe((answer.RunId, "flowers", version.Id, PipelineSpec.Parse(Flowers.Spec, "flowers").ToJson()));
        run.SpecDigest.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run.Spec))));
        (await server.Artifacts.ReadAsync(ContentDigest.Parse(run.SplitDigest), TestContext.Current.CancellationToken)).Length.ShouldBe(20);
        var edge = (await server.RowsAsync<LineageEdge>()).ShouldHaveSingleItem();
        (edge.ChildKind, edge.ChildId, edge.Relation, edge.ParentKind, edge.ParentId)
            .ShouldBe((FactKind.PipelineRun, run.Id, "runs-on", FactKind.DatasetVersion, version.Id));
        (await server.RowsAsync<AuditEntry>()).OrderBy(entry => entry.Sequence).Select(entry => (entry.Action, entry.SubjectId))
            .ShouldBe([("dataset.registered", version.Id), ("pipeline.started", run.Id)]);
        var registered = Event<DatasetRegistered>(await server.RowsAsync<OutboxMessage>());
        (registered.PipelineRunId, registered.SpecDigest).ShouldBe((run.Id, run.SpecDigest));
    }

    [Fact]
    public async Task Register_FormWithTheFileAlone_BeginsNoRun()
    {
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.PostAsync("/datasets/flowers/versions", DatasetsServer.Form(("file", Flowers.Csv)));

        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Text);
        answer.Dataset.GetProperty("digest").GetString().ShouldBe(Digest);
        (await server.RowsAsync<PipelineRun>()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Register_SameBytesAgain_AreTheSameVersionWithANewRun()
    {
        await using var server = await DatasetsServer.StartAsync();
        var first = await server.RegisterAsync("flowers", Flowers.Csv, Flowers.Spec);

        var second = await server.RegisterAsync("flowers", Flowers.Csv, Flowers.Spec);

        second.Status.ShouldBe(HttpStatusCode.Created);
        second.Dataset.GetRawText().ShouldBe(first.Dataset.GetRawText());
        second.RunId.ShouldNotBe(first.RunId);
        (await server.RowsAsync<DatasetVersion>()).ShouldHaveSingleItem();
        (await server.RowsAsync<PipelineRun>()).Select(run => run.Id).ShouldBe([first.RunId, second.RunId], ignoreOrder: true);
        (await server.RowsAsync<OutboxMessage>()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Register_SameBytesAgainWithoutSpec_IsNothingNew()
    {
        await using var server = await DatasetsServer.StartAsync();
        var first = await server.RegisterAsync("flowers", Flowers.Csv);

        var second = await server.RegisterAsync("flowers", Flowers.Csv);

        second.Status.ShouldBe(HttpStatusCode.OK);
        second.Text.ShouldBe(first.Text);
        (await server.RowsAsync<DatasetVersion>()).ShouldHaveSingleItem();
        (await server.RowsAsync<OutboxMessage>()).ShouldHaveSingleItem();
        (await server.RowsAsync<AuditEntry>()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Register_OtherBytes_AreTheNextVersionOfThatNameAlone()
    {
        await using var server = await DatasetsServer.StartAsync();
        await server.RegisterAsync("flowers", Flowers.Csv);

        var second = await server.RegisterAsync("flowers", Flowers.Csv + Flowers.Rows(1));
        var other = await server.RegisterAsync("Flowers.2", Flowers.Csv);

        (second.Status, second.Location).ShouldBe((HttpStatusCode.Created, "/datasets/flowers/versions/2"));
        (other.Status, other.Location).ShouldBe((HttpStatusCode.Created, "/datasets/Flowers.2/versions/1"));
    }

    [Fact]
    public async Task Register_ColumnsOfTheSpec_OverrideTheInference()
    {
        await using var server = await DatasetsServer.StartAsync();
        await server.RegisterAsync("flowers", Flowers.Csv);

        var answer = await server.RegisterAsync("flowers", Flowers.Csv, """{"task":"classification","target":"kind","columns":{"size":"categorical","colour":"ignore"}}""");

        answer.Location.ShouldBe("/datasets/flowers/versions/2", "the same bytes read as other columns are another version");
        answer.Dataset.GetProperty("schema").GetRawText().ShouldBe(
            """{"columns":[{"name":"size","type":"categorical"},{"name":"kind","type":"categorical"}],"ignored":["colour"]}""");
    }

    private static T Event<T>(List<OutboxMessage> messages)
    {
        var message = messages.ShouldHaveSingleItem();
        message.Type.ShouldBe(typeof(T).Name);
        return JsonSerializer.Deserialize<T>(message.Body, SpecJson.Canonical)!;
    }
}
