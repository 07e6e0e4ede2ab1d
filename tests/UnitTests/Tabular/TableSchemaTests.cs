using System.Text.Json;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

public sealed class TableSchemaTests
{
    private const string Text = "id,n,d,t,e\nk,1,3,x,\nl,,4,,\nm,2,3,y,\n";

    [Fact]
    public void Json_OfASchema_IsShortAndReadsBack()
    {
        var schema = TableSchema.Of(Csv.Read(Text, ("d", ColumnUse.Categorical), ("id", ColumnUse.Ignore)));

        var json = JsonSerializer.Serialize(schema, JsonSerializerOptions.Web);

        json.ShouldBe("""{"columns":[{"name":"n","type":"numeric"},{"name":"d","type":"categorical"},{"name":"t","type":"categorical"},{"name":"e","type":"numeric"}],"ignored":["id"]}""");
        JsonSerializer.Serialize(JsonSerializer.Deserialize<TableSchema>(json, JsonSerializerOptions.Web), JsonSerializerOptions.Web).ShouldBe(json);
        JsonSerializer.Serialize(schema, SpecJson.Canonical).ShouldBe(json);
    }

    [Fact]
    public void Read_WithTheSchemaOfTheFirstReading_GivesTheSameTable()
    {
        var first = Csv.Read(Text, ("d", ColumnUse.Categorical), ("id", ColumnUse.Ignore));

        SameTable(Csv.Read(Text, CsvOptions.For(TableSchema.Of(first))), first);
    }

    [Theory]
    [InlineData("iris")]
    [InlineData("penguins")]
    [InlineData("diabetes")]
    [InlineData("digits")]
    public void Read_SampleWithItsSchema_GivesTheSameTable(string name)
    {
        var first = Csv.Sample(name);

        SameTable(Csv.Sample(name, CsvOptions.For(TableSchema.Of(first))), first);
    }

    private static void SameTable(Table found, Table expected)
    {
        JsonSerializer.Serialize(TableSchema.Of(found)).ShouldBe(JsonSerializer.Serialize(TableSchema.Of(expected)));
        foreach (var (left, right) in found.Columns.Zip(expected.Columns))
            if (left is NumericColumn numbers)
                numbers.Values.ToArray().ShouldBe(((NumericColumn)right).Values.ToArray());
            else
            {
                ((CategoricalColumn)left).Codes.ToArray().ShouldBe(((CategoricalColumn)right).Codes.ToArray());
                ((CategoricalColumn)left).Levels.ShouldBe(((CategoricalColumn)right).Levels);
            }
    }
}
