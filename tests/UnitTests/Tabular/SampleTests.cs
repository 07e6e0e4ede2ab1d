using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

/// <summary>The sample files are what their README says.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData("iris", 150, 4, 0, 0, ColumnType.Categorical)]
    [InlineData("penguins", 344, 4, 2, 19, ColumnType.Categorical)]
    [InlineData("diabetes", 442, 10, 0, 0, ColumnType.Numeric)]
    [InlineData("wine", 178, 13, 0, 0, ColumnType.Categorical)]
    [InlineData("churn", 5_000, 15, 4, 0, ColumnType.Categorical)]
    [InlineData("fine_foods", 4_000, 0, 1, 0, ColumnType.Categorical)]
    [InlineData("digits", 1_797, 64, 0, 0, ColumnType.Numeric)]
    public void Sample_Read_HasTheShapeOfTheReadme(string name, int rows, int numeric, int categorical, int missing, ColumnType target)
    {
        var table = Csv.Sample(name);

        table.Rows.ShouldBe(rows);
        var features = table.Columns.SkipLast(1).ToList();
        features.Count(column => column.Type == ColumnType.Numeric).ShouldBe(numeric);
        features.Count(column => column.Type == ColumnType.Categorical).ShouldBe(categorical);
        features.Sum(column => Enumerable.Range(0, rows).Count(column.IsMissing)).ShouldBe(missing);
        table.Columns[^1].Type.ShouldBe(target);
    }

    [Fact]
    public void Digits_WithTargetDeclared_HasTenTexts()
    {
        var table = Csv.Sample("digits", new CsvOptions { Columns = new Dictionary<string, ColumnUse> { ["class"] = ColumnUse.Categorical } });

        table["class"].ShouldBeOfType<CategoricalColumn>().Levels.ShouldBe(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }
}
