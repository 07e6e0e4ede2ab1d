using System.Net;
using System.Text.Json;
using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

/// <summary>What a caller got back.</summary>
public sealed record Answer(HttpStatusCode Status, string? ContentType, string? Location, string Text)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public JsonElement Dataset => Json.GetProperty("dataset");

    public Guid RunId => Json.GetProperty("pipelineRunId").GetGuid();

    public static async Task<Answer> OfAsync(HttpResponseMessage response) => new(
        response.StatusCode,
        response.Content.Headers.ContentType?.MediaType,
        response.Headers.Location?.OriginalString,
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

    /// <summary>Problem details with these problems, the same in words under <c>detail</c>.</summary>
    public void ShouldRefuse(HttpStatusCode status, params Problem[] problems)
    {
        Status.ShouldBe(status, Text);
        ContentType.ShouldBe("application/problem+json");
        Json.GetProperty("status").GetInt32().ShouldBe((int)status);
        Json.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        Json.GetProperty("errors").Deserialize<Problem[]>(JsonSerializerOptions.Web)!.ShouldBe(problems);
        Json.GetProperty("detail").GetString().ShouldBe(string.Join("; ", problems.Select(problem => problem.ToString())));
        foreach (var error in Json.GetProperty("errors").EnumerateArray())
            error.TryGetProperty("row", out _).ShouldBe(error.Deserialize<Problem>(JsonSerializerOptions.Web)!.Row is not null);
    }
}
