using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

public sealed class ListDatasetsTests
{
    [Fact]
    public async Task List_NothingRegistered_IsEmpty()
    {
        await using var server = await DatasetsServer.StartAsync();

        (await server.GetAsync("/datasets")).Text.ShouldBe("[]");
    }

    [Fact]
    public async Task List_TwoNames_ShowsTheNewestVersionOfEach()
    {
        await using var server = await WithTwoNamesAsync();

        var list = (await server.GetAsync("/datasets")).Json;

        list.EnumerateArray().Select(row => (row.GetProperty("name").GetString(), row.GetProperty("version").GetInt32(), row.GetProperty("rows").GetInt64()))
            .ShouldBe([("a", 1, 20), ("b", 2, 40)]);
    }

    [Fact]
    public async Task Versions_OfAName_AreNewestFirst()
    {
        await using var server = await WithTwoNamesAsync();

        var versions = (await server.GetAsync("/datasets/b/versions")).Json;

        versions.EnumerateArray().Select(row => row.GetProperty("version").GetInt32()).ShouldBe([2, 1]);
    }

    [Fact]
    public async Task Show_AVersion_IsWhatItsRegistrationAnswered()
    {
        await using var server = await DatasetsServer.StartAsync();
        var registered = await server.RegisterAsync("flowers", Flowers.Csv);

        var shown = await server.GetAsync(registered.Location!);

        shown.Status.ShouldBe(HttpStatusCode.OK);
        shown.Text.ShouldBe(registered.Dataset.GetRawText());
    }

    [Fact]
    public async Task Download_AVersion_GivesTheBytesAsTheyCame()
    {
        var bytes = Encoding.UTF8.GetBytes("\uFEFFsize,kind\r\n1,\"röse\"\r\n2,tulip\r\n\r\n");
        await using var server = await DatasetsServer.StartAsync();
        var registered = await server.PostAsync("/datasets/flowers/versions", new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } });

        using var response = await server.Http.GetAsync(new Uri($"{registered.Location}/content", UriKind.Relative), TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe(bytes);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        response.Content.Headers.ContentDisposition!.FileName.ShouldBe("flowers-1.csv");
        response.Headers.ETag!.Tag.ShouldBe($"\"{registered.Dataset.GetProperty("digest").GetString()}\"");
    }

    [Fact]
    public async Task Download_WhatTheCallerHas_IsNotSentAgain()
    {
        await using var server = await DatasetsServer.StartAsync();
        var registered = await server.RegisterAsync("flowers", Flowers.Csv);
        var request = new HttpRequestMessage(HttpMethod.Get, $"{registered.Location}/content");
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue($"\"{registered.Dataset.GetProperty("digest").GetString()}\""));

        var answer = await server.SendAsync(request);

        (answer.Status, answer.Text).ShouldBe((HttpStatusCode.NotModified, ""));
        (await server.GetAsync("/datasets")).Status.ShouldBe(HttpStatusCode.OK, "the connection still serves");
    }

    [Theory]
    [InlineData("/datasets/none/versions", "name", "there is no data set 'none'")]
    [InlineData("/datasets/none/versions/1", "version", "there is no version 1 of a data set 'none'")]
    [InlineData("/datasets/flowers/versions/2", "version", "there is no version 2 of a data set 'flowers'")]
    [InlineData("/datasets/flowers/versions/-1/content", "version", "there is no version -1 of a data set 'flowers'")]
    public async Task Get_WhatIsNotThere_IsNotFound(string path, string field, string message)
    {
        await using var server = await DatasetsServer.StartAsync();
        await server.RegisterAsync("flowers", Flowers.Csv);

        (await server.GetAsync(path)).ShouldRefuse(HttpStatusCode.NotFound, new Problem(field, message));
    }

    [Fact]
    public async Task Get_WhatIsNotThereAsCsv_StillSaysWhy()
    {
        await using var server = await DatasetsServer.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/datasets/none/versions/1/content");
        request.Headers.Accept.ParseAdd("text/csv");

        (await server.SendAsync(request)).ShouldRefuse(HttpStatusCode.NotFound, new Problem("version", "there is no version 1 of a data set 'none'"));
    }

    private static async Task<DatasetsServer> WithTwoNamesAsync()
    {
        var server = await DatasetsServer.StartAsync();
        await server.RegisterAsync("b", Flowers.Csv);
        await server.RegisterAsync("a", Flowers.Csv);
        await server.RegisterAsync("b", Flowers.Csv + Flowers.Rows(1));
        return server;
    }
}
