using System.Text;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

public sealed class CsvFaultTests
{
    private const string Number = "a number, or an empty field where it is missing, is accepted";

    [Theory]
    [InlineData("", "the file is empty; a header and at least one row are accepted")]
    [InlineData("\n", "header: the first line is empty; the names of the columns, separated by commas, are accepted")]
    [InlineData("a,b\n", "the file has no rows; a header and at least one row are accepted")]
    [InlineData("a,b\n\n", "the file has no rows; a header and at least one row are accepted")]
    [InlineData("a,b\n1,2\n3\n", "row 2: 1 field; 2, as in the header, are accepted")]
    [InlineData("a,b\n1,2,3\n", "row 1: 3 fields; 2, as in the header, are accepted")]
    [InlineData("a,b\n1,2\n\n3,4\n", "row 2: an empty line; 2, as in the header, are accepted")]
    [InlineData(",b\n1,2\n", "header: column 1 has no name; every column needs one")]
    [InlineData("a, ,a,a\n1,2,3,4\n", "header: column 2 has no name; every column needs one; header: columns 1 and 3 are both named 'a'; each name is accepted once; header: columns 1 and 4 are both named 'a'; each name is accepted once")]
    [InlineData("a,b\0\n1,2\n", "header: column 2 is named 'b\\u0000', with a control character; printable text is accepted")]
    [InlineData("a,\"b\nc\"\n1,2\n", "header: column 2 is named 'b\\u000ac', with a control character; printable text is accepted")]
    [InlineData("a,b\n1,2\nx,\0\n", "b, row 2: '\\u0000' holds a NUL character; text is accepted")]
    [InlineData("a,b\n1,2\n\0\n", "row 2: 1 field; 2, as in the header, are accepted")]
    [InlineData("a,b\n1,2\n\uFFFE,3\n", "a line begins with U+FFFE, which is not a character; UTF-8 text is accepted")]
    [InlineData("a,b\n1,\"2\n3,4\n", "row 1: field 2 opens with a quote that is not closed, or that something other than a comma or a line end follows; quotes inside are accepted doubled")]
    [InlineData("a,b\n1,2\n\"3\"x,4\n", "row 2: field 1 opens with a quote that is not closed, or that something other than a comma or a line end follows; quotes inside are accepted doubled")]
    public void Read_NotACsvTable_FaultSaysWhereAndWhat(string text, string message)
    {
        var fault = Csv.FaultOf(text);

        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("abc", "'abc'")]
    [InlineData("inf", "'inf'")]
    [InlineData("-Infinity", "'-Infinity'")]
    [InlineData("1e999", "'1e999'")]
    [InlineData("\"1,5\"", "'1,5'")]
    [InlineData("0x1F", "'0x1F'")]
    public void Read_TextInADeclaredNumericColumn_FaultNamesColumnRowAndValue(string cell, string shown)
    {
        var fault = Csv.FaultOf($"a,b\nx,1\ny,{cell}\nz,3\n", ("b", ColumnUse.Numeric));

        fault.Message.ShouldBe($"b, row 2: {shown} is not a finite number, as the column is declared to hold; {Number}");
        fault.Problems.ShouldHaveSingleItem().ShouldBe(new Problem("b", fault.Problems[0].Message, 2));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("inf")]
    [InlineData("1e400")]
    public void Read_OneTextAmongTenValues_FaultTellsHowToDeclare(string cell)
    {
        var numbers = string.Concat(Enumerable.Range(1, 9).Select(i => $"{i},NA\n"));

        var fault = Csv.FaultOf($"a,b\n{numbers}{cell},1\n");

        fault.Message.ShouldBe($"a, row 10: '{cell}' is not a finite number, as 9 of the column's 10 values are; {Number}; if the column holds texts, set columns.a to categorical");
    }

    [Fact]
    public void Read_TextsInTwoNumericColumns_FaultNamesBoth()
    {
        var rows = string.Concat(Enumerable.Range(1, 20).Select(i => i == 7 ? "x,y,1\n" : $"{i},{i},1\n"));

        Csv.FaultOf($"a,b,c\n{rows}").Problems.Select(problem => (problem.Field, problem.Row)).ShouldBe([("a", 7L), ("b", 7L)]);
    }

    [Fact]
    public void Read_TextAfterManyNumbers_FaultAtItsRow()
    {
        var numbers = string.Concat(Enumerable.Range(1, 5_000).Select(i => $"{i},1\n"));

        Csv.FaultOf($"a,b\n{numbers}x,1\n").Message.ShouldBe(
            $"a, row 5001: 'x' is not a finite number, as all values before it are; {Number}; if the column holds texts, set columns.a to categorical");
        Csv.Read($"a,b\n{numbers}x,1\n", ("a", ColumnUse.Categorical))["a"].ShouldBeOfType<CategoricalColumn>().Levels.Count.ShouldBe(5_001);
    }

    [Fact]
    public void Read_EveryColumnIgnored_Faults()
    {
        Csv.FaultOf("a\n1\n", ("a", ColumnUse.Ignore)).Message.ShouldBe("columns: every column is ignored; at least one that is not is accepted");
    }

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0xE9, (byte)',', (byte)'b', (byte)'\n', (byte)'1', (byte)',', (byte)'2' }, "header: column 1 is named 'a\\uffff', which is not UTF-8; UTF-8 text is accepted")]
    [InlineData(new byte[] { (byte)'a', (byte)',', (byte)'b', (byte)'\n', (byte)'1', (byte)',', (byte)'2', (byte)'\n', (byte)'1', (byte)',', (byte)'x', 0xC0, 0x80 }, "b, row 2: 'x\\uffff\\uffff' is not UTF-8; UTF-8 text is accepted")]
    public void Read_BytesThatAreNotUtf8_FaultNamesRowAndColumn(byte[] bytes, string message)
    {
        Should.Throw<Fault>(() => Csv.Read(bytes, new CsvOptions())).Message.ShouldBe(message);
    }

    [Fact]
    public void Read_Utf16_FaultSaysThatItIsNotUtf8()
    {
        var fault = Should.Throw<Fault>(() => Csv.Read([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a,b\n1,2\n")], new CsvOptions()));

        fault.Problems[0].Message.ShouldEndWith("which is not UTF-8; UTF-8 text is accepted");
    }

    [Fact]
    public void Read_BeyondABound_FaultStatesIt()
    {
        Invalid("a,b,c\n1,2,3\n", new CsvOptions { MaxColumns = 2 }).ShouldBe("header: 3 columns; at most 2 are accepted");
        Invalid("a,b\n1,2\nx,12345\n", new CsvOptions { MaxFieldLength = 4 }).ShouldBe("b, row 2: a field of 5 characters; at most 4 are accepted");
        Invalid($"a,b\n1,2\n{new string('x', 300)},3\n", new CsvOptions { MaxRecordLength = 256 })
            .ShouldBe("row 2: a record of more than 256 characters; at most 256 are accepted (is a quote not closed?)");
        Invalid($"a,{new string('x', 300)}\n1,2\n", new CsvOptions { MaxRecordLength = 256 })
            .ShouldBe("header: a record of more than 256 characters; at most 256 are accepted (is a quote not closed?)");
        Invalid("a,b\nx,y\nz,w\n", new CsvOptions { MaxDistinctTexts = 3 })
            .ShouldBe("b, row 2: more than 3 different texts in the file; fewer are accepted, or set columns.b to ignore");
    }

    [Fact]
    public void Read_MoreBytesThanAccepted_FaultIsTooLarge()
    {
        var fault = Should.Throw<Fault>(() => Csv.Read("a,b\n1,2\n3,4\n", new CsvOptions { MaxBytes = 10 }));

        fault.Kind.ShouldBe(FaultKind.TooLarge);
        fault.Message.ShouldBe("the file has more than 10 bytes; at most 10 are accepted");
    }

    [Fact]
    public void Read_NumbersBeyondTheTextBound_AreAccepted()
    {
        Csv.Read("a,b\n1,x\n2,y\n3,y\n4,y\n", new CsvOptions { MaxDistinctTexts = 3 })["a"]
            .ShouldBeOfType<NumericColumn>().Values.ToArray().ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void Read_LongName_Faults()
    {
        Csv.FaultOf($"a,{new string('b', 257)}\n1,2\n").Message.ShouldBe("header: column 2 has a name of 257 characters; at most 256 are accepted");
    }

    private static string Invalid(string text, CsvOptions options)
    {
        var fault = Should.Throw<Fault>(() => Csv.Read(text, options));
        fault.Kind.ShouldBe(FaultKind.Invalid);
        return fault.Message;
    }
}
