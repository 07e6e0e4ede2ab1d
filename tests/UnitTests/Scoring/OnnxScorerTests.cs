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
