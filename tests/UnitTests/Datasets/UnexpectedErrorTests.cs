using System.Net;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

public sealed class UnexpectedErrorTests
{
    [Fact]
    public async Task Register_StoreIsGone_IsAnInternalErrorThatTellsNothingOfUs()
    {
        await using var server = await DatasetsServer.StartAsync();
        _ = server.Artifacts;
        Directory.Delete(server.ArtifactFolder, recursive: true);

        var answer = await server.RegisterAsync("data", Flowers.Csv);

        (answer.Status, answer.ContentType).ShouldBe((HttpStatusCode.InternalServerError, "application/problem+json"));
        answer.Json.EnumerateObject().Select(member => member.Name).ShouldBe(["type", "title", "status", "traceId"]);
        answer.Text.ShouldNotContain("artifacts");
        answer.Text.ShouldNotContain("Exception");
        server.LoggedErrors.ShouldContain(error => error.Contains(nameof(DirectoryNotFoundException)));
        (await server.GetAsync("/datasets")).Text.ShouldBe("[]");
    }

    [Fact]
    public async Task Download_StoredBytesAreDamaged_BreaksOff()
    {
        await using var server = await DatasetsServer.StartAsync();
        var registered = await server.RegisterAsync("data", Flowers.Csv);
        await File.WriteAllTextAsync(server.StoredFiles().Single(), new string('x', Flowers.Csv.Length), TestContext.Current.CancellationToken);

        await Should.ThrowAsync<HttpRequestException>(() => server.GetAsync($"{registered.Location}/content"));
    }
}
