using System.Text;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

/// <summary>What is read in blocks, stored and read again is what would be read at once.</summary>
public sealed class StoredTableTests
{
    private static readonly CsvOptions Declared = new()
    {
        Columns = new Dictionary<string, ColumnUse> { ["x"] = ColumnUse.Numeric, ["text"] = ColumnUse.Categorical, ["class"] = ColumnUse.Categorical, ["id"] = ColumnUse.Ignore },
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    public async Task Select_AnyRows_AreThoseOfTheTable(int blockRows)
    {
        var csv = Csv(100);
        var whole = CsvTable.Read(Stream(csv), Declared, Stop);
        using var stored = await StoreAsync(csv, blockRows);
        int[][] parts = [[.. Enumerable.Range(0, 100)], [.. Enumerable.Range(0, 100).Where(row => row % 3 == 1)], [50], []];
        foreach (var rows in parts)
        {
            var (expected, found) = (whole.Select(rows), stored.Select(rows));

            found.Schema.ShouldBe(expected.Schema);
            found.Rows.ShouldBe(expected.Rows);
            foreach (var column in expected.Columns)
                ShouldBeEqual(found[column.Name], column);
            found.Blocks(4).SelectMany(RowsOf).ShouldBe(RowsOf(expected));
            found.Blocks(4).ShouldAllBe(block => block.Rows <= 4);
        }
        stored.Rows.ShouldBe(100);
        Should.Throw<Fault>(() => stored.Select([0])["y"]).Message.ShouldContain("there is no such column");
    }

    [Fact]
    public async Task ReadBlocks_AFaultyRow_NamesItsPlaceInTheFile()
    {
        var fault = await Should.ThrowAsync<Fault>(() => StoreAsync(Csv(20) + "21,much,a,b\n", blockRows: 8));
        fault.Message.ShouldBe("x, row 21: 'much' is not a finite number, as the column is declared to hold; a number, or an empty field where it is missing, is accepted");
        (await Should.ThrowAsync<Fault>(() => StoreAsync("id,x,text,class\n", blockRows: 8))).Message.ShouldContain("no rows");
        (await Should.ThrowAsync<Fault>(() => StoreAsync("", blockRows: 8))).Message.ShouldContain("empty");
        (await Should.ThrowAsync<Fault>(() => StoreAsync(Csv(8) + "1,2\n", blockRows: 8))).Message.ShouldContain("row 9");
    }

    [Fact]
    public void ScratchFile_WhileItIsOpen_HasNoName()
    {
        var folder = Directory.CreateTempSubdirectory();
        using (var file = ScratchFile.Create(folder.FullName))
        {
            file.Append([1, 2, 3]).ShouldBe(0);
            file.Append([4]).ShouldBe(3);
            var read = new byte[3];
            file.Read(1, read);
            read.ShouldBe([2, 3, 4]);
            folder.GetFiles().Length.ShouldBe(OperatingSystem.IsWindows() ? 1 : 0);
        }
        folder.GetFiles().ShouldBeEmpty();
        folder.Delete();
        Should.Throw<IOException>(() => ScratchFile.Create(folder.FullName));
    }

    private static string Csv(int rows)
    {
        var text = new StringBuilder("id,x,text,class\n");
        for (var row = 0; row < rows; row++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{row},{(row % 5 == 2 ? "" : $"{row * 0.25}")},{(row % 11 == 3 ? "NA" : $"größe {row % 17}")},{"zya"[row * 3 / rows]}\n");
        return text.ToString();
    }

    private static MemoryStream Stream(string csv) => new(Encoding.UTF8.GetBytes(csv));

    private static Task<StoredTable> StoreAsync(string csv, int blockRows) =>
        StoredTable.WriteAsync(CsvTable.ReadBlocksAsync(Stream(csv), Declared, blockRows, Stop), Path.GetTempPath(), Stop);

    private static void ShouldBeEqual(Column found, Column expected)
    {
        if (expected is NumericColumn numbers)
        {
            ((NumericColumn)found).Values.ToArray().ShouldBe(numbers.Values.ToArray());
            return;
        }
        var texts = (CategoricalColumn)expected;
        ((CategoricalColumn)found).Levels.ShouldBe(texts.Levels);
        ((CategoricalColumn)found).Codes.ToArray().ShouldBe(texts.Codes.ToArray());
    }

    private static IEnumerable<string> RowsOf(Table table) => Enumerable.Range(0, table.Rows).Select(row => string.Join('|', table.Columns.Select(column =>
        column is NumericColumn numbers ? $"{numbers.Values[row]}" : ((CategoricalColumn)column).TextAt(row))));
}
