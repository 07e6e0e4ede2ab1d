using System.Globalization;
using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Scoring;
using Mlops.Tabular;
using Mlops.UnitTests.Onnx;
using Shouldly;
using Xunit;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Scoring;

public sealed class OnnxScorerTests
{
    [Fact]
    public void Score_NumbersAndTexts_FillTheInputsByColumnName()
    {
        using var scorer = new OnnxScorer(Samples.MixedBytes, Samples.MixedSignature);
        var scores = scorer.Score(Samples.MixedTable);
        var expected = DynamicQuantizationTests.MixedRun(Samples.Mixed);
        scores.Outputs.ToArray().ShouldBe(expected);
        scores.Row(1).ToArray().ShouldBe(expected[3..6]);
        for (var row = 0; row < 3; row++)
            scores.Predicted[row].ShouldBe(Array.IndexOf(expected, expected[(row * 3)..(row * 3 + 3)].Max(), row * 3) - row * 3);
    }

    public static TheoryData<string, DataType, double[], string> Datatypes() => new()
    {
        { "BOOL", DataType.Bool, [0, 1, 1], "2" },
        { "INT8", DataType.Int8, [-128, 127, 3], "128" },
        { "INT16", DataType.Int16, [-32768, 32767, 3], "0.5" },
        { "INT32", DataType.Int32, [int.MinValue, int.MaxValue, 3], "-1e10" },
        { "INT64", DataType.Int64, [long.MinValue, 1L << 53, 3], "9223372036854775808" },
        { "UINT8", DataType.Uint8, [0, 255, 3], "NaN" },
        { "UINT16", DataType.Uint16, [0, 65535, 3], "-1" },
        { "UINT32", DataType.Uint32, [0, uint.MaxValue, 3], "1.5" },
        { "UINT64", DataType.Uint64, [0, 1L << 53, 3], "18446744073709551616" },
        { "FP16", DataType.Float16, [-65504, 0.5, double.NaN], "65505" },
        { "FP32", DataType.Float, [-1.5, 16777216, double.NaN], "1e39" },
        { "FP64", DataType.Double, [-0.1f, 16777216, double.NaN], "Infinity" },
    };

    [Theory]
    [MemberData(nameof(Datatypes))]
    public void Score_InputOfAnyDatatype_IsFilledByWhatItHolds(string datatype, DataType type, double[] held, string not)
    {
        var graph = new GraphBuilder();
        graph.Output("value", graph.Node("Cast", [graph.Input("features", type, -1, 2)], GraphBuilder.Attribute("to", (long)DataType.Double)), DataType.Double, -1, 2);
        using var scorer = new OnnxScorer(OnnxFile.Write(graph.Build()), Samples.SumsSignature with
        {
            Inputs = [Samples.SumsSignature.Inputs[0] with { Datatype = datatype }],
            Outputs = [Samples.SumsSignature.Outputs[0] with { Datatype = "FP64" }],
        });
        scorer.Score(Samples.Numbers(held, [1, 0, 1])).Outputs.ToArray().ShouldBe([(float)held[0], 1, (float)held[1], 0, (float)held[2], 1]);

        var misfit = Should.Throw<Fault>(() => scorer.Score(Samples.Numbers(held, [1, 0, double.Parse(not, CultureInfo.InvariantCulture)])));
        misfit.Message.ShouldStartWith("y: row 3: ");
        misfit.Message.ShouldEndWith($"({datatype}) are accepted");
    }

    [Theory]
    [InlineData("INT64", DataType.Int64)]
    [InlineData("INT32", DataType.Int32)]
    public void Score_LabelsThatAreNumbers_AreTheClassesOfThatName(string datatype, DataType type)
    {
        var graph = new GraphBuilder();
        var x = graph.Input("features", DataType.Float, -1, 2);
        var best = graph.Node("ArgMax", [x], GraphBuilder.Attribute("axis", 1), GraphBuilder.Attribute("keepdims", 0));
        graph.Output("label", graph.Node("Cast", [best], GraphBuilder.Attribute("to", (long)type)), type, -1);
        graph.Output("probabilities", graph.Node("Cast", [x], GraphBuilder.Attribute("to", (long)DataType.Double)), DataType.Double, -1, 2);
        using var scorer = new OnnxScorer(OnnxFile.Write(graph.Build()), new ModelSignature
        {
            Task = TaskKind.Classification,
            Inputs = Samples.SumsSignature.Inputs,
            Outputs = [new TensorSignature { Name = "label", Datatype = datatype, Shape = [-1] }, new TensorSignature { Name = "probabilities", Datatype = "FP64", Shape = [-1, 2] }],
            Classes = ["1", "0"],
        });
        var scores = scorer.Score(Samples.Numbers([0.25, 1], [0.75, 0]));
        scores.Predicted.ToArray().ShouldBe([0, 1]);
        scores.Outputs.ToArray().ShouldBe([0.25f, 0.75f, 1, 0]);
    }

    [Fact]
    public void Score_LabelOutsideTheClasses_IsMinusOne()
    {
        using var known = new OnnxScorer(Samples.MixedBytes, Samples.MixedSignature);
        using var unknown = new OnnxScorer(Samples.MixedBytes, Samples.MixedSignature with { Classes = ["x", "y", "z"] });
        known.Score(Samples.MixedTable).Predicted.ToArray().ShouldAllBe(index => index >= 0);
        unknown.Score(Samples.MixedTable).Predicted.ToArray().ShouldBe([-1, -1, -1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(1_024)]
    public void Score_AnyBatchSize_GivesTheSame(int batchRows)
    {
        using var scorer = new OnnxScorer(Samples.Sums(), Samples.SumsSignature, batchRows);
        var scores = scorer.Score(Samples.Numbers([1, 2, 3, 4, 5], [10, 20, 30, 40, 50]));
        scores.Outputs.ToArray().ShouldBe([11, -9, 22, -18, 33, -27, 44, -36, 55, -45]);
        (scores.Rows, scores.Width, scores.Predicted.Length).ShouldBe((5, 2, 0));
    }

    [Fact]
    public void Score_NoRows_GivesNone()
    {
        using var scorer = new OnnxScorer(Samples.Sums(), Samples.SumsSignature);
        scorer.Score(Samples.Numbers([], [])).Rows.ShouldBe(0);
    }

    [Fact]
    public void Score_TableThatDoesNotFit_NamesEveryColumn()
    {
        using var scorer = new OnnxScorer(Samples.MixedBytes, Samples.MixedSignature);
        var table = new Table([new NumericColumn("weight", [1]), new NumericColumn("paint", [1])]);
        Should.Throw<Fault>(() => scorer.Score(table)).Problems.Select(problem => problem.ToString()).ShouldBe([
            "height: missing; the model's input 'numbers' takes it",
            "paint: a numeric column; the model's input 'colour' takes a categorical one"]);
    }

    [Fact]
    public void Score_ModelThatFailsOnTheRows_IsAFault()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("features", DataType.Float, -1, 2);
        graph.Output("value", graph.Node("Reshape", [x, graph.Integers("shape", 3, 2)]), DataType.Float, -1, 2);
        using var scorer = new OnnxScorer(OnnxFile.Write(graph.Build()), Samples.SumsSignature);
        Should.Throw<Fault>(() => scorer.Score(Samples.Numbers([1], [2]))).Message.ShouldContain("cannot run on these rows");
    }

    [Fact]
    public void New_NoModel_IsAFault() =>
        Should.Throw<Fault>(() => new OnnxScorer("no model"u8.ToArray(), Samples.SumsSignature)).Message.ShouldContain("ONNX Runtime does not load it");

    [Fact]
    public void New_OtherNamesAndTypes_ListsAll()
    {
        var signature = Samples.MixedSignature with
        {
            Inputs =
            [
                new TensorSignature { Name = "numbers", Datatype = "BYTES", Shape = [-1, 2], Columns = ["weight", "height"] },
                new TensorSignature { Name = "color", Datatype = "BYTES", Shape = [-1, 1], Columns = ["paint"] },
            ],
        };
        Should.Throw<Fault>(() => new OnnxScorer(Samples.MixedBytes, signature)).Problems.Select(problem => problem.ToString()).ShouldBe([
            "colour: an input of the model that its signature does not have",
            "numbers: an input of FP32 in the model, of BYTES in its signature",
            "color: no such input in the model; there are numbers, colour"]);
    }

    [Fact]
    public void New_OtherNumberOfColumns_IsRefused()
    {
        var signature = Samples.SumsSignature with { Inputs = [Samples.SumsSignature.Inputs[0] with { Columns = ["x"] }] };
        Should.Throw<Fault>(() => new OnnxScorer(Samples.Sums(), signature)).Message.ShouldBe("features: shape [-1, 2] for 1 columns; [-1, 1] fits them");
    }

    [Fact]
    public void New_MissingOutput_IsRefused() =>
        Should.Throw<Fault>(() => new OnnxScorer(Samples.Sums(), Samples.SumsSignature with { Outputs = [] })).Message
            .ShouldBe("value: an output that the signature of a regression must have");

    [Fact]
    public void New_ClassesThatRepeat_AreRefused() =>
        Should.Throw<Fault>(() => new OnnxScorer(Samples.MixedBytes, Samples.MixedSignature with { Classes = ["a", "b", "a"] })).Message
            .ShouldBe("classes: 'a' stands 2 times; each class is accepted once");
}
