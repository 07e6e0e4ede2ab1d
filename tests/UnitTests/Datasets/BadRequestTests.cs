using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

/// <summary>Requests that are refused for their spec or their shape.</summary>
public sealed class BadRequestTests
{
    private const string Accepted = "the CSV as text/csv, or multipart/form-data with the parts 'spec' (JSON, optional) and then 'file' (CSV)";

    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.Created)]
    public async Task Register_FromAPageInABrowser_IsAcceptedFromOurOwnPagesOnly(string site, HttpStatusCode expected)
    {
        await using var server = await DatasetsServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/datasets/data/versions") { Content = DatasetsServer.Csv(Flowers.Csv) };
        request.Headers.Add("Sec-Fetch-Site", site);

        (await server.SendAsync(request)).Status.ShouldBe(expected);

        if (expected == HttpStatusCode.Forbidden)
            await server.ShouldBeUntouchedAsync();
    }

    [Fact]
    public async Task Register_SpecWithManyMistakes_TellsAllOfThemAtOnce()
    {
        const string Spec =
            """
            {
              "task": "regression",
              "split": { "train": 0.7, "validation": 0.2, "test": 0.2, "stratify": true },
              "model": { "type": "mlp", "hiden": [8] },
              "optimizer": { "type": "sgd", "nesterov": true },
              "colour": "red"
            }
            """;
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.RegisterAsync("data", Flowers.Csv, Spec);

        answer.ShouldRefuse(HttpStatusCode.BadRequest,
            new Problem("target", "missing; the name of the column to predict is accepted"),
            new Problem("split", "train, validation and test are 0.7, 0.2 and 0.2; fractions that sum to 1, or whole numbers of rows, are accepted"),
            new Problem("split.stratify", "true is not accepted for a regression; false is"),
            new Problem("optimizer.nesterov", "true is not accepted without momentum; momentum above 0 is"),
            new Problem("model.hiden", "unknown field; accepted here: type, hidden, activation, dropout"),
            new Problem("colour", "unknown field; accepted here: name, task, target, crossValidation, split, optimizer, model, columns, preprocessing, loss, regularization, training, search, evaluation, compression, promotion"));
        await server.ShouldBeUntouchedAsync();
    }

    [Theory]
    [InlineData("task: regression", "not JSON: 'task: regression' is an invalid JSON literal")]
    [InlineData("", "not JSON: The input does not contain any JSON tokens")]
    [InlineData("[]", "a JSON object is accepted")]
    [InlineData("{\"task\":\"\\ud800\"}", "half a surrogate pair in the text at byte 8; both halves are accepted")]
    public async Task Register_SpecThatIsNoJsonObject_IsRefused(string spec, string message)
    {
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.RegisterAsync("data", Flowers.Csv, spec);

        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        var error = answer.Json.GetProperty("errors").EnumerateArray().ShouldHaveSingleItem();
        error.GetProperty("field").GetString().ShouldBe("spec");
        error.GetProperty("message").GetString()!.ShouldStartWith(message);
        await server.ShouldBeUntouchedAsync();
    }

    [Fact]
    public async Task Register_SpecOfMoreThanAMegabyte_IsTooLarge()
    {
        await using var server = await DatasetsServer.StartAsync();

        (await server.RegisterAsync("data", Flowers.Csv, new string(' ', 4 << 20))).ShouldRefuse(HttpStatusCode.RequestEntityTooLarge,
            new Problem("spec", "more than 1048576 bytes; at most 1048576 are accepted"));
        await server.ShouldBeUntouchedAsync();
    }

    public static TheoryData<string, (string, string)[], Problem> Forms => new()
    {
        { "spec after file", [("file", Flowers.Csv), ("spec", Flowers.Spec)], new Problem("spec", "stands after 'file'; before it is accepted, because it says how the file is read") },
        { "file missing", [("spec", Flowers.Spec)], new Problem("file", $"missing; {Accepted}") },
        { "spec twice", [("spec", Flowers.Spec), ("spec", Flowers.Spec), ("file", Flowers.Csv)], new Problem("spec", "stands twice; once is accepted") },
        { "another part before", [("data", Flowers.Csv)], new Problem("data", $"a part that is not accepted; {Accepted}") },
        { "another part after", [("file", Flowers.Csv), ("file", Flowers.Csv)], new Problem("file", $"a part that is not accepted after 'file'; {Accepted}") },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Register_FormOfOtherParts_IsRefusedWithoutATrace(string what, (string, string)[] parts, Problem problem)
    {
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.PostAsync("/datasets/data/versions", DatasetsServer.Form(parts));

        answer.ShouldRefuse(HttpStatusCode.BadRequest, problem);
        await server.ShouldBeUntouchedAsync();
        what.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("application/json", $"'application/json' is not accepted; {Accepted}")]
    [InlineData("application/x-www-form-urlencoded", $"'application/x-www-form-urlencoded' is not accepted; {Accepted}")]
    [InlineData(null, $"missing; {Accepted}")]
    [InlineData("multipart/form-data", "a boundary of 0 characters; 1 to 70 are accepted")]
    public async Task Register_OtherContentType_SaysWhatIsAccepted(string? type, string message) =>
        await ShouldBeRefusedAsync(type, Flowers.Csv, new Problem("Content-Type", message));

    [Fact]
    public async Task Register_BoundaryThatIsTooLong_IsRefused() =>
        await ShouldBeRefusedAsync($"multipart/form-data; boundary={new string('x', 5_000)}", "--x", new Problem("Content-Type", "a boundary of 5000 characters; 1 to 70 are accepted"));

    [Theory]
    [InlineData("--y\r\nContent-Disposition: form-data; name=file\r\n\r\na\n1\n\r\n--y--\r\n", "the form ends without a line '--x', as the boundary in Content-Type says")]
    [InlineData("", "the form ends without a line '--x', as the boundary in Content-Type says")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=file\r\n\r\na\n1\n", "the form ends without a line '--x', as the boundary in Content-Type says (with '--' after it, where it is the last)")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=spec\r\n\r\n{}", "the form ends without a line '--x', as the boundary in Content-Type says (with '--' after it, where it is the last)")]
    public async Task Register_FormWithoutItsBoundary_SaysWhichIsMissing(string body, string message) =>
        await ShouldBeRefusedAsync("multipart/form-data; boundary=x", body, new Problem("", message));

    [Fact]
    public async Task Register_LongFormWithoutItsBoundary_IsRefusedWhereItShouldBegin() =>
        await ShouldBeRefusedAsync("multipart/form-data; boundary=x", new string('y', 1 << 20), new Problem("", "the form does not begin with a line '--x', as the boundary in Content-Type says"));

    [Fact]
    public async Task Register_CompressedBody_IsRefused()
    {
        await using var server = await DatasetsServer.StartAsync();
        var content = DatasetsServer.Csv(Flowers.Csv);
        content.Headers.ContentEncoding.Add("gzip");

        (await server.PostAsync("/datasets/data/versions", content)).ShouldRefuse(HttpStatusCode.BadRequest,
            new Problem("Content-Encoding", "'gzip' is not accepted; the file as it is, without compression, is"));
        await server.ShouldBeUntouchedAsync();
    }

    [Theory]
    [InlineData("a%2Fb", "a%2Fb")]
    [InlineData("a%20b", "a b")]
    [InlineData("-a", "-a")]
    [InlineData(".hidden", ".hidden")]
    [InlineData("r%C3%B6se", "röse")]
    [InlineData("a%00b", null)]
    public async Task Register_UnderABadName_IsRefused(string path, string? shown)
    {
        await using var server = await DatasetsServer.StartAsync();
        using var connection = await RawConnection.OpenAsync(server);

        await connection.SendAsync($"POST /datasets/{path}/versions HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 4\r\n\r\na\n1\n");

        var answer = await connection.ReadAnswerAsync();
        if (shown is null)
            answer.Status.ShouldBe(HttpStatusCode.BadRequest, "the server takes no NUL in a path");
        else
            answer.ShouldRefuse(HttpStatusCode.BadRequest, new Problem("name", $"'{shown}' is not a name; accepted: {ResourceName.Rule}"));
        await server.ShouldBeUntouchedAsync();
    }

    [Fact]
    public async Task Register_UnderALongName_IsRefused()
    {
        await using var server = await DatasetsServer.StartAsync();
        var name = new string('a', 200);

        (await server.RegisterAsync(name, Flowers.Csv)).ShouldRefuse(HttpStatusCode.BadRequest, new Problem("name", $"'{name}' is not a name; accepted: {ResourceName.Rule}"));
        await server.ShouldBeUntouchedAsync();
        (await server.RegisterAsync(name[..128], Flowers.Csv)).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("POST /datasets/../versions", HttpStatusCode.NotFound)]
    [InlineData("POST /datasets/%2e%2e/versions", HttpStatusCode.NotFound)]
    [InlineData("POST /datasets/a/b/versions", HttpStatusCode.NotFound)]
    [InlineData("GET /datasets/a/versions/99999999999", HttpStatusCode.NotFound)]
    [InlineData("GET /datasets/a/versions/first", HttpStatusCode.NotFound)]
    [InlineData("PUT /datasets/a/versions", HttpStatusCode.MethodNotAllowed)]
    public async Task Ask_WhereThereIsNothing_IsAnsweredAsProblemDetails(string line, HttpStatusCode status)
    {
        await using var server = await DatasetsServer.StartAsync();
        using var connection = await RawConnection.OpenAsync(server);

        await connection.SendAsync($"{line} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 4\r\n\r\na\n1\n");

        var answer = await connection.ReadAnswerAsync();
        (answer.Status, answer.ContentType, answer.Json.GetProperty("status").GetInt32()).ShouldBe((status, "application/problem+json", (int)status));
        await server.ShouldBeUntouchedAsync();
    }

    private static async Task ShouldBeRefusedAsync(string? type, string body, Problem problem)
    {
        await using var server = await DatasetsServer.StartAsync();
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (type is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        (await server.PostAsync("/datasets/data/versions", content)).ShouldRefuse(HttpStatusCode.BadRequest, problem);
        await server.ShouldBeUntouchedAsync();
    }
}
