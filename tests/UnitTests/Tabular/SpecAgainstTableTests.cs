using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

public sealed class SpecAgainstTableTests
{
    private const string Good = "x,t,y\n1,a,u\n2,b,v\n3,,u\n";

    [Theory]
    [InlineData("""{ "task": "classification", "target": "y" }""", Good)]
    [InlineData("""{ "task": "classification", "target": "x" }""", Good)]
    [InlineData("""{ "task": "regression", "target": "x" }""", Good)]
    [InlineData("""{ "task": "classification", "target": "y", "columns": { "t": "ignore" } }""", Good)]
    [InlineData("""{ "task": "classification", "target": "y", "preprocessing": { "columns": { "x": { "log": true }, "t": { "encoding": "ordinal", "scaling": "none", "order": ["b", "a", "c"] } } } }""", Good)]
    [InlineData("""{ "task": "classification", "target": "y", "model": { "type": "cnn", "shape": [1, 1, 1] }, "columns": { "t": "ignore" } }""", "x,t,y\n1,a,u\n,b,v\n")]
    public void Check_SpecThatFits_Passes(string spec, string csv)
    {
        Should.NotThrow(() => Check(spec, csv));
    }

    [Theory]
    [InlineData("""{ "task": "classification", "target": "z" }""", Good, "target: there is no column 'z'; there are x, t, y")]
    [InlineData("""{ "task": "classification", "target": "y", "columns": { "T": "ignore", "t": "ignore" } }""", Good, "columns.T: there is no such column; there are x, y, t")]
    [InlineData("""{ "task": "classification", "target": "y", "preprocessing": { "columns": { "z": {}, "y": {} } } }""", Good, "preprocessing.columns.y: there is no such feature; there are x, t; preprocessing.columns.z: there is no such feature; there are x, t")]
    [InlineData("""{ "task": "classification", "target": "y", "preprocessing": { "columns": { "x": { "encoding": "hash" } } } }""", Good, "preprocessing.columns.x: the column holds numbers; scaling, log, impute and missingIndicator are accepted, or set columns.x to categorical")]
    [InlineData("""{ "task": "classification", "target": "y", "preprocessing": { "columns": { "t": { "encoding": "hash", "log": true } } } }""", Good, "preprocessing.columns.t: scaling, log, impute and missingIndicator are not accepted for encoding hash, which gives no number; encoding, minCount and buckets are")]
    [InlineData("""{ "task": "classification", "target": "y", "preprocessing": { "columns": { "t": { "encoding": "ordinal", "order": ["b", "c"] } } } }""", Good, "preprocessing.columns.t: order does not have 'a', which the column holds; every level is accepted once")]
    [InlineData("""{ "task": "classification", "target": "t" }""", Good, "t, row 3: the target is missing; a value in every row is accepted")]
    [InlineData("""{ "task": "regression", "target": "y" }""", Good, "y: the target holds texts, such as 'u'; numbers are accepted for a regression")]
    [InlineData("""{ "task": "regression", "target": "x" }""", "x,t\n1,2\n,3\n2,3\n", "x, row 2: the target is missing; a value in every row is accepted")]
    [InlineData("""{ "task": "regression", "target": "x" }""", "x,t\n1,2\n1,3\n", "x: the target is the same in every row; numbers that differ are accepted")]
    [InlineData("""{ "task": "regression", "target": "x" }""", "x,t\n1e39,2\n1,1e300\n", "x, row 1: 1E+39 is beyond single precision; numbers from -3.4E+38 to 3.4E+38 are accepted; t, row 2: 1E+300 is beyond single precision; numbers from -3.4E+38 to 3.4E+38 are accepted")]
    [InlineData("""{ "task": "classification", "target": "y" }""", "x,y\n1,a\n2,a\n", "y: 'a' is the only class in the target; 2 or more are accepted")]
    [InlineData("""{ "task": "classification", "target": "y" }""", "x,y\n1,\n2,\n", "y, row 1: the target is missing; a value in every row is accepted; y: no class in the target; 2 or more are accepted")]
    [InlineData("""{ "task": "classification", "target": "y", "columns": { "x": "ignore", "t": "ignore" } }""", Good, "columns: no column is left as a feature; at least one that is neither target nor ignored is accepted")]
    [InlineData("""{ "task": "classification", "target": "y" }""", "x,t,y\n,1,a\nNA,2,b\n", "x: no row has a value; set columns.x to ignore")]
    [InlineData("""{ "task": "classification", "target": "y", "model": { "type": "cnn", "shape": [1, 2, 2] } }""", "a,b,c,y\n1,2,3,u\n1,2,3,v\n", "model.shape: [1, 2, 2] holds 4 numbers; there are 3 features, and a shape that holds as many is accepted")]
    [InlineData("""{ "task": "classification", "target": "y", "model": { "type": "cnn", "shape": [1, 1, 2] } }""", Good, "model.type: cnn is not accepted with categorical features (t); numeric ones are, or set these to ignore")]
    [InlineData("""{ "task": "classification", "target": "y", "loss": { "type": "binary" } }""", "x,y\n1,a\n2,b\n3,c\n", "loss.type: binary is not accepted for 3 classes; two classes are, or cross-entropy")]
    [InlineData("""{ "task": "classification", "target": "y", "loss": { "classWeights": { "of": { "a": 1, "d": 2 } } } }""", "x,y\n1,a\n2,b\n", "loss.classWeights.of.d: there is no such class; there are a, b")]
    public void Check_SpecThatDoesNotFit_FaultSaysWhatIsThere(string spec, string csv, string message)
    {
        var fault = Should.Throw<Fault>(() => Check(spec, csv));

        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Message.ShouldBe(message);
    }

    [Fact]
    public void Check_SeveralProblems_FaultHasThemAll()
    {
        var fault = Should.Throw<Fault>(() => Check(
            """{ "task": "classification", "target": "z", "columns": { "q": "ignore" }, "model": { "type": "cnn", "shape": [3, 2, 2] } }""", Good));

        fault.Problems.Select(problem => problem.Field).ShouldBe(["target", "columns.q", "model.type", "model.shape"]);
    }

    [Theory]
    [InlineData(1_000, null)]
    [InlineData(1_001, "y: 1001 classes in the target; at most 1000 are accepted (for a number to predict, set task to regression)")]
    public void Check_Classes_AreBounded(int classes, string? message)
    {
        var csv = "x,y\n" + string.Concat(Enumerable.Range(0, classes).Select(i => $"{i},{i}\n"));

        MessageOf("""{ "task": "classification", "target": "y" }""", csv).ShouldBe(message);
    }

    [Fact]
    public void Features_OfASpec_AreNeitherTargetNorIgnored()
    {
        var spec = PipelineSpec.Parse("""{ "task": "regression", "target": ["c", "a"], "columns": { "d": "ignore", "e": "categorical" } }""", "n");
        const string Csv5 = "e,d,c,b,a\n1,2,3,4,5\n2,3,4,5,6\n";

        var features = FeatureColumns.Of(spec, Csv.Read(Csv5, CsvOptions.For(spec)));

        features.Select(column => (column.Name, column.Type)).ShouldBe([("e", ColumnType.Categorical), ("b", ColumnType.Numeric)]);
        FeatureColumns.Of(spec, Csv.Read(Csv5)).Select(column => column.Name).ShouldBe(["e", "b"]);
    }

    private static string? MessageOf(string spec, string csv)
    {
        try
        {
            Check(spec, csv);
            return null;
        }
        catch (Fault fault)
        {
            return fault.Message;
        }
    }

    private static void Check(string json, string csv)
    {
        var spec = PipelineSpec.Parse(json, "name");
        SpecAgainstTable.Check(spec, Csv.Read(csv, CsvOptions.For(spec)));
    }
}
