using System.Text;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

public sealed class CsvTableTests
{
    [Fact]
    public void Read_NumbersAndTexts_TypesEachColumn()
    {
        var table = Csv.Read("a,b,c\n1,x,\n-2.5e3,NA,7\n,y,x\n .5 ,x,x\n");

        table.Columns.Select(column => (column.Name, column.Type)).ShouldBe(
            [("a", ColumnType.Numeric), ("b", ColumnType.Categorical), ("c", ColumnType.Categorical)]);
        table["a"].ShouldBeOfType<NumericColumn>().Values.ToArray().ShouldBe([1, -2500, double.NaN, 0.5]);
        Texts(table["b"]).ShouldBe(["x", null, "y", "x"]);
        Texts(table["c"]).ShouldBe([null, "7", "x", "x"]);
        table["b"].ShouldBeOfType<CategoricalColumn>().Levels.ShouldBe(["x", "y"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("NA")]
    [InlineData("n/a")]
    [InlineData("nan")]
    [InlineData("NULL")]
    [InlineData(" ? ")]
    [InlineData("\"\"")]
    public void Read_MissingText_IsMissingInAColumnOfEitherType(string missing)
    {
        var table = Csv.Read($"n,t\n1,x\n{missing},{missing}\n");

        table["n"].Type.ShouldBe(ColumnType.Numeric);
        table["n"].IsMissing(1).ShouldBeTrue();
        table["t"].ShouldBeOfType<CategoricalColumn>().Codes.ToArray().ShouldBe([0, -1]);
    }

    [Fact]
    public void Read_QuotesLineBreaksAndByteOrderMark_FollowRfc4180()
    {
        var table = Csv.Read("\uFEFF\"a\",b\r\n\"x, \"\"y\"\"\r\nz\",1\r\n#no comment,2\r\nin \"the\" middle,3\r\n");

        Texts(table["a"]).ShouldBe(["x, \"y\"\r\nz", "#no comment", "in \"the\" middle"]);
        table["b"].Type.ShouldBe(ColumnType.Numeric);
    }

    [Theory]
    [InlineData("a,b\n1,2")]
    [InlineData("a,b\n1,2\n")]
    [InlineData("a,b\r\n1,2\r\n\r\n")]
    [InlineData("\uFEFFa , b\n1,2\n\n")]
    public void Read_EndOfFileAndHeaderSpellings_AreOneRow(string text)
    {
        var table = Csv.Read(text);

        table.Rows.ShouldBe(1);
        table.Columns.Select(column => column.Name).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void Read_Levels_AreSortedByOrdinalAndKeptAsTheyStand()
    {
        var table = Csv.Read("a,b\nb,é\nB, x\n10,z\n9,z\n1.0,z", ("a", ColumnUse.Categorical));

        table["a"].ShouldBeOfType<CategoricalColumn>().Levels.ShouldBe(["1.0", "10", "9", "B", "b"]);
        table["b"].ShouldBeOfType<CategoricalColumn>().Levels.ShouldBe([" x", "z", "é"]);
    }

    [Fact]
    public void Read_ColumnWithoutAnyValue_IsNumericAndMissing()
    {
        Csv.Read("a,b\n,1\nNA,2\n")["a"].ShouldBeOfType<NumericColumn>().Values.ToArray().ShouldBe([double.NaN, double.NaN]);
    }

    [Fact]
    public void Read_DeclaredColumns_AreAsDeclared()
    {
        var table = Csv.Read("id,digit,n\nk1,3,1\nk2,3.0,2\nk3,,?\n", ("digit", ColumnUse.Categorical), ("id", ColumnUse.Ignore), ("n", ColumnUse.Numeric), ("nowhere", ColumnUse.Numeric));

        table.Columns.Select(column => column.Name).ShouldBe(["digit", "n"]);
        table.Ignored.ShouldBe(["id"]);
        Texts(table["digit"]).ShouldBe(["3", "3.0", null]);
        table["n"].ShouldBeOfType<NumericColumn>().Values.ToArray().ShouldBe([1, 2, double.NaN]);
    }

    [Theory]
    [InlineData(4_095)]
    [InlineData(4_096)]
    [InlineData(4_097)]
    [InlineData(20_000)]
    public void Read_ManyDifferentNumbers_KeepsEveryOneAndTheMissing(int rows)
    {
        var text = new StringBuilder("a,b\n");
        for (var row = 0; row < rows; row++)
            text.Append(row % 1_000 == 999 ? "NA" : $"{row}.25").Append(",1\n");

        var values = Csv.Read(text.ToString())["a"].ShouldBeOfType<NumericColumn>().Values;

        values.Length.ShouldBe(rows);
        for (var row = 0; row < rows; row++)
            values[row].ShouldBe(row % 1_000 == 999 ? double.NaN : row + 0.25);
    }

    [Fact]
    public void Read_HalfTexts_IsCategorical()
    {
        Csv.Read("a,b\n1,1\nx,1\n")["a"].Type.ShouldBe(ColumnType.Categorical);
        // 8 of 9 are numbers: less than nine in ten.
        Csv.Read("a\n1\n2\n3\n4\n5\n6\n7\n8\nx\n")["a"].Type.ShouldBe(ColumnType.Categorical);
    }

    [Fact]
    public async Task ReadAsync_StreamOfSmallReads_GivesTheSameTable()
    {
        var bytes = Encoding.UTF8.GetBytes("a,b\n\"é\nx\",2\n\"🙂\",3\n");

        var table = await CsvTable.ReadAsync(new TricklingStream(bytes), new CsvOptions(), TestContext.Current.CancellationToken);

        Texts(table["a"]).ShouldBe(["é\nx", "🙂"]);
        table["b"].ShouldBeOfType<NumericColumn>().Values.ToArray().ShouldBe([2, 3]);
    }

    [Fact]
    public async Task Read_Cancelled_Throws()
    {
        var cancelled = new CancellationToken(canceled: true);

        Should.Throw<OperationCanceledException>(() => CsvTable.Read(new MemoryStream("a,b\n1,2\n"u8.ToArray()), new CsvOptions(), cancelled));
        await Should.ThrowAsync<OperationCanceledException>(CsvTable.ReadAsync(new MemoryStream("a,b\n1,2\n"u8.ToArray()), new CsvOptions(), cancelled));
    }

    [Fact]
    public void Read_Stream_IsLeftOpen()
    {
        using var stream = new MemoryStream("a,b\n1,2\n"u8.ToArray());

        CsvTable.Read(stream, new CsvOptions(), TestContext.Current.CancellationToken);

        stream.CanRead.ShouldBeTrue();
    }

    [Fact]
    public void Options_OfClassification_MakeTheTargetCategorical()
    {
        var spec = PipelineSpec.Parse("""{ "task": "classification", "target": "digit", "columns": { "n": "ignore", "digit": "numeric" } }""", "d");

        CsvOptions.For(spec).Columns.ShouldBe(new Dictionary<string, ColumnUse> { ["digit"] = ColumnUse.Categorical, ["n"] = ColumnUse.Ignore }, ignoreOrder: true);
        CsvOptions.For(PipelineSpec.Parse("""{ "task": "regression", "target": "y" }""", "d")).Columns.ShouldBeEmpty();
    }

    private static IEnumerable<string?> Texts(Column column)
    {
        var texts = column.ShouldBeOfType<CategoricalColumn>();
        return Enumerable.Range(0, texts.Count).Select(texts.TextAt);
    }

    // Gives one byte a read, so that characters and records are cut everywhere.
    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..1], cancellationToken);

        public override int Read(Span<byte> buffer) => throw new InvalidOperationException("read synchronously");
    }
}
