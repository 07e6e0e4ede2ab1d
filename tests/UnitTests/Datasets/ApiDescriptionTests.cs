using System.Net;
using System.Text;
using System.Text.Json;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

public sealed class ApiDescriptionTests
{
    [Fact]
    public async Task OpenApi_EveryRoute_HasASummary()
    {
        await using var server = await DatasetsServer.StartAsync();

        var paths = (await DocumentAsync(server)).GetProperty("paths");

        var routes = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(route => (Name: $"{route.Name} {path.Name}", Operation: route.Value))).ToList();
        routes.Select(route => route.Name).Order(StringComparer.Ordinal).ShouldBe([
            "get /datasets",
            "get /datasets/{name}/versions",
            "get /datasets/{name}/versions/{version}",
            "get /datasets/{name}/versions/{version}/content",
            "post /datasets/{name}/versions",
            "post /datasets/{name}/versions/{version}/runs",
        ]);
        routes.ShouldAllBe(route => route.Operation.GetProperty("summary").GetString()!.Length > 10);
        Responses(paths, "/datasets/{name}/versions").ShouldBe(["200", "201", "400", "413"]);
        Responses(paths, "/datasets/{name}/versions/{version}/runs").ShouldBe(["202", "400", "404", "413"]);
    }

    [Fact]
    public async Task OpenApi_EveryReference_LeadsSomewhere()
    {
        await using var server = await DatasetsServer.StartAsync();

        var document = await DocumentAsync(server);

        var schemas = document.GetProperty("components").GetProperty("schemas");
        References(document).Distinct().Where(reference => !schemas.TryGetProperty(reference, out _)).ShouldBeEmpty();
    }

    [Fact]
    public async Task OpenApi_TheSpec_MayLeaveOutItsNameAndGiveOneTarget()
    {
        await using var server = await DatasetsServer.StartAsync();

        var schemas = (await DocumentAsync(server)).GetProperty("components").GetProperty("schemas");

        var spec = schemas.GetProperty("PipelineSpec");
        spec.GetProperty("required").EnumerateArray().Select(name => name.GetString()).ShouldBe(["task", "target"]);
        spec.GetProperty("properties").GetProperty("target").GetProperty("anyOf").EnumerateArray().Select(type => type.GetProperty("type").GetString()).ShouldBe(["string", "array"]);
        schemas.GetProperty("RegularizationSpec").GetProperty("properties").GetProperty("l1").GetProperty("type").GetString().ShouldBe("number");
    }

    [Fact]
    public async Task OpenApi_TheExamples_GoTogetherAndAreAccepted()
    {
        await using var server = await DatasetsServer.StartAsync();
        var paths = (await DocumentAsync(server)).GetProperty("paths");
        var upload = Content(paths, "/datasets/{name}/versions");
        var csv = upload.GetProperty("text/csv").GetProperty("example").GetString()!;
        var spec = upload.GetProperty("multipart/form-data").GetProperty("schema").GetProperty("properties").GetProperty("spec").GetProperty("examples")[0].GetString()!;
        var runSpec = Content(paths, "/datasets/{name}/versions/{version}/runs").GetProperty("application/json").GetProperty("example").GetRawText();

        var parsed = PipelineSpec.Parse(spec, "penguins");
        var table = CsvTable.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv)), CsvOptions.For(parsed), TestContext.Current.CancellationToken);
        Should.NotThrow(() => SpecAgainstTable.Check(parsed, table));
        PipelineSpec.Parse(runSpec, "penguins").ToJson().ShouldBe(parsed.ToJson());

        (await server.RegisterAsync("penguins", csv)).Status.ShouldBe(HttpStatusCode.Created);
        var registered = await server.RegisterAsync("penguins", csv, spec);
        registered.Status.ShouldBe(HttpStatusCode.Created, registered.Text);
        var started = await server.PostAsync("/datasets/penguins/versions/1/runs", new StringContent(runSpec, Encoding.UTF8, "application/json"));
        started.Status.ShouldBe(HttpStatusCode.Accepted, started.Text);
    }

    [Fact]
    public async Task Page_ToTryTheApi_BringsItsScript()
    {
        await using var server = await DatasetsServer.StartAsync();

        var page = await server.GetAsync("/api");

        (page.Status, page.ContentType).ShouldBe((HttpStatusCode.OK, "text/html"));
        page.Text.ShouldNotContain("https://");
        (await server.GetAsync("/api/scalar.js")).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<JsonElement> DocumentAsync(DatasetsServer server)
    {
        var answer = await server.GetAsync("/openapi/v1.json");
        answer.Status.ShouldBe(HttpStatusCode.OK);
        return answer.Json;
    }

    private static JsonElement Content(JsonElement paths, string path) => paths.GetProperty(path).GetProperty("post").GetProperty("requestBody").GetProperty("content");

    private static IEnumerable<string> Responses(JsonElement paths, string path) =>
        paths.GetProperty(path).GetProperty("post").GetProperty("responses").EnumerateObject().Select(response => response.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String when element.GetString()!.StartsWith("#/components/schemas/", StringComparison.Ordinal) => [element.GetString()!["#/components/schemas/".Length..]],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => References(member.Value)),
        _ => [],
    };
}
