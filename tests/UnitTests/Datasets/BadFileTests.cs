using System.Net;
using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

/// <summary>Files that are refused: 400, the reason word by word, and nothing registered or left behind.</summary>
public sealed class BadFileTests
{
    private const string Number = "a number, or an empty field where it is missing, is accepted";

    public static TheoryData<string, string, string?, Problem[]> Files => new()
    {
        { "ragged row", "size,kind\n1,a\n2\n", null, [new Problem("", "1 field; 2, as in the header, are accepted", 2)] },
        { "ragged row with a spec", "size,kind\n1,a\n2,b,c\n", """{"task":"classification","target":"kind"}""", [new Problem("", "3 fields; 2, as in the header, are accepted", 2)] },
        { "empty header", "\n1,2\n", null, [new Problem("header", "the first line is empty; the names of the columns, separated by commas, are accepted")] },
        { "column without a name", "size,,kind\n1,2,3\n", null, [new Problem("header", "column 2 has no name; every column needs one")] },
        { "name twice", "size,kind,size\n1,2,3\n", null, [new Problem("header", "columns 1 and 3 are both named 'size'; each name is accepted once")] },
        { "nothing", "", null, [new Problem("", "the file is empty; a header and at least one row are accepted")] },
        { "no rows", "size,kind\n", null, [new Problem("", "the file has no rows; a header and at least one row are accepted")] },
        { "unknown target", Flowers.Csv, """{"task":"classification","target":"sort"}""", [new Problem("target", "there is no column 'sort'; there are size, colour, kind")] },
        {
            "text in a column declared numeric", "size,kind\n1,a\ntwo,b\n", """{"task":"classification","target":"kind","columns":{"size":"numeric"}}""",
            [new Problem("size", $"'two' is not a finite number, as the column is declared to hold; {Number}", 2)]
        },
        {
            "text among numbers", "size\n1\n2\n3\n4\n5\n6\n7\n8\n9\nten\n", null,
            [new Problem("size", $"'ten' is not a finite number, as 9 of the column's 10 values are; {Number}; if the column holds texts, set columns.size to categorical", 10)]
        },
        { "one class", "size,kind\n1,a\n2,a\n3,a\n", """{"task":"classification","target":"kind"}""", [new Problem("kind", "'a' is the only class in the target; 2 or more are accepted")] },
        { "texts for a regression", Flowers.Csv, """{"task":"regression","target":"colour"}""", [new Problem("colour", "the target holds texts, such as 'blue'; numbers are accepted for a regression")] },
        {
            "several", Flowers.Csv, """{"task":"classification","target":"sort","columns":{"weight":"ignore"}}""",
            [new Problem("target", "there is no column 'sort'; there are size, colour, kind"), new Problem("columns.weight", "there is no such column; there are size, colour, kind")]
        },
        { "target missing in a row", "size,kind\n1,a\n2,\n3,b\n", """{"task":"classification","target":"kind"}""", [new Problem("kind", "the target is missing; a value in every row is accepted", 2)] },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Register_FileThatIsNotAccepted_IsRefusedWithoutATrace(string what, string csv, string? spec, Problem[] problems)
    {
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.RegisterAsync("data", csv, spec);

        answer.ShouldRefuse(HttpStatusCode.BadRequest, problems);
        await server.ShouldBeUntouchedAsync();
        (await server.GetAsync("/datasets")).Text.ShouldBe("[]", what);
    }

    [Fact]
    public async Task Register_TooFewRowsToShareOut_IsRefusedWithoutATrace()
    {
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.RegisterAsync("data", "size,kind\n1,a\n2,b\n", """{"task":"classification","target":"kind"}""");

        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Json.GetProperty("errors").GetArrayLength().ShouldBeGreaterThan(0);
        await server.ShouldBeUntouchedAsync();
    }
}
