using System.Text.Json;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

public sealed class TableProfileTests
{
    // By numpy: tests/oracles/table_profile.py.
    [Theory]
    [InlineData("iris", "petal_length", 150, 0, 43, 3.7580000000000005, 1.7652982332594662, 1.0, 6.9, new[] { 1.3, 1.6, 4.35, 5.1, 6.1 })]
    [InlineData("diabetes", "s5", 442, 0, 184, 4.641410859728507, 0.5223905610694907, 3.2581, 6.107, new[] { 3.8501, 4.2767, 4.62005, 4.9972, 5.508585 })]
    [InlineData("penguins", "bill_length_mm", 342, 2, 164, 43.9219298245614, 5.4595837139265315, 32.1, 59.6, new[] { 35.7, 39.225, 44.45, 48.5, 51.995 })]
    [InlineData("penguins", "body_mass_g", 342, 2, 94, 4201.754385964912, 801.9545356980955, 2700.0, 6300.0, new[] { 3150.0, 3550.0, 4050.0, 4750.0, 5650.0 })]
    public void Of_NumericColumn_HasTheNumbersOfNumpy(string name, string column, int count, int missing, int distinct, double mean, double deviation, double min, double max, double[] quantiles)
    {
        var profile = TableProfile.Of(Csv.Sample(name)).Columns.Single(profile => profile.Name == column);

        (profile.Type, profile.Count, profile.Missing, profile.Distinct, profile.IsConstant).ShouldBe((ColumnType.Numeric, count, missing, distinct, false));
        var numbers = profile.Numbers.ShouldNotBeNull();
        Close(numbers.Mean, mean);
        Close(numbers.StandardDeviation, deviation);
        (numbers.Min, numbers.Max).ShouldBe((min, max));
        numbers.Quantiles.Select(quantile => quantile.Probability).ShouldBe([0.05, 0.25, 0.5, 0.75, 0.95]);
        foreach (var (found, expected) in numbers.Quantiles.Zip(quantiles))
            Close(found.Value, expected);
    }

    [Fact]
    public void Of_Penguins_CountsTextsClassesAndDuplicates()
    {
        var profile = TableProfile.Of(Csv.Sample("penguins"), "species");

        // Counted with sort and uniq.
        profile.Rows.ShouldBe(344);
        profile.DuplicateRows.ShouldBe(0);
        var island = profile.Columns[0];
        (island.Name, island.Type, island.Count, island.Missing, island.Distinct).ShouldBe(("island", ColumnType.Categorical, 344, 0, 3));
        island.Top.ShouldBe([new("Biscoe", 168), new("Dream", 124), new("Torgersen", 52)]);
        island.Numbers.ShouldBeNull();
        var sex = profile.Columns[5];
        (sex.Name, sex.Missing, sex.Top[0]).ShouldBe(("sex", 11, new ValueCount("male", 168)));
        profile.Classes.ShouldBe([new("Adelie", 152, 152 / 344.0), new("Chinstrap", 68, 68 / 344.0), new("Gentoo", 124, 124 / 344.0)]);
    }

    [Fact]
    public void Of_Iris_FindsItsDuplicateAndTheTopTen()
    {
        var profile = TableProfile.Of(Csv.Sample("iris"));

        profile.DuplicateRows.ShouldBe(1);
        profile.Classes.ShouldBeEmpty();
        var top = profile.Columns.Single(column => column.Name == "petal_length").Top;
        top.Count.ShouldBe(10);
        top.Take(6).ShouldBe([new("1.4", 13), new("1.5", 13), new("4.5", 8), new("5.1", 8), new("1.3", 7), new("1.6", 7)]);
    }

    [Fact]
    public void Of_EdgeColumns_IsWorkedByHand()
    {
        var profile = TableProfile.Of(Csv.Read($"none,same,huge,zero,long\n,7,-1.7e308,-0,{new string('x', 101)}\n,7,1.7e308,0,\n,7,1.7e308,0,\n"));

        (profile.Columns[0].Count, profile.Columns[0].Missing, profile.Columns[0].IsConstant, profile.Columns[0].Numbers).ShouldBe((0, 3, true, null));
        var same = profile.Columns[1];
        (same.IsConstant, same.Numbers!.Mean, same.Numbers.StandardDeviation).ShouldBe((true, 7.0, 0.0));
        // The squares are beyond a double.
        (profile.Columns[2].Numbers!.StandardDeviation, profile.Columns[2].Numbers!.Max).ShouldBe((null, 1.7e308));
        profile.Columns[3].Top.ShouldHaveSingleItem().ShouldBe(new ValueCount("0", 3));
        profile.Columns[4].Top.ShouldHaveSingleItem().ShouldBe(new ValueCount(new string('x', 100) + "…", 1));
        profile.DuplicateRows.ShouldBe(1);
        Should.NotThrow(() => JsonSerializer.Serialize(profile));
    }

    [Fact]
    public void Of_OneRow_HasNoDeviation()
    {
        var numbers = TableProfile.Of(Csv.Read("a\n5\n")).Columns[0].Numbers.ShouldNotBeNull();

        (numbers.Mean, numbers.StandardDeviation).ShouldBe((5, null));
        numbers.Quantiles.ShouldAllBe(quantile => quantile.Value == 5);
    }

    [Fact]
    public void Json_OfAProfile_ReadsBack()
    {
        var json = JsonSerializer.Serialize(TableProfile.Of(Csv.Sample("penguins"), "species"), JsonSerializerOptions.Web);

        JsonSerializer.Serialize(JsonSerializer.Deserialize<TableProfile>(json, JsonSerializerOptions.Web), JsonSerializerOptions.Web).ShouldBe(json);
        json.ShouldStartWith("""{"rows":344,"duplicateRows":0,"columns":[{"name":"island","type":"categorical","count":344,"missing":0,"distinct":3,"isConstant":false,"top":[{"value":"Biscoe","count":168}""");
    }

    private static void Close(double? found, double expected) => found.ShouldNotBeNull().ShouldBe(expected, Math.Abs(expected) * 1e-13);
}
