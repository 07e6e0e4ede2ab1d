using System.Text;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Scoring.Metrics;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Scoring;

public sealed class OutOfFoldPredictionsTests
{
    private static readonly Table HeldOut = new([new NumericColumn("x", [1, 2]), new CategoricalColumn("y", [1, 0], ["a", "b"]), new NumericColumn("u", [3, -0.5]), new NumericColumn("v", [0.5, 1])]);

    [Fact]
    public void ToJson_OfClasses_IsTheDocumentedForm()
    {
        var predictions = OutOfFoldPredictions.Of(2, 3, SpecOf(TaskKind.Classification, "y"), ["a", "b"], [4, 9], HeldOut, [0.25f, 0.75f, 0.4f, 0.6f]);
        var json = predictions.ToJson();
        Encoding.UTF8.GetString(json).ShouldBe("""{"repeat":2,"fold":3,"task":"classification","outputs":["a","b"],"rows":[4,9],"truth":[1,0],"predictions":[0.25,0.75,0.4,0.6]}""");
        OutOfFoldPredictions.FromJson(json).ToJson().ShouldBe(json);
        predictions.Metrics.Keys.ShouldBe(MetricNames.For(TaskKind.Classification));
        predictions.Metrics[MetricNames.Accuracy].ShouldBe(0.5);
        predictions.Metrics[MetricNames.LogLoss].ShouldBe(-(Math.Log(0.75) + Math.Log(0.4f)) / 2, 1e-7);
    }

    [Fact]
    public void ToJson_OfTwoTargets_HasTheTruthOfBothRowByRow()
    {
        var predictions = OutOfFoldPredictions.Of(1, 1, SpecOf(TaskKind.Regression, "u", "v"), [], [0, 1], HeldOut, [2.5f, 0.25f, 0, 1.5f]);
        Encoding.UTF8.GetString(predictions.ToJson()).ShouldBe("""{"repeat":1,"fold":1,"task":"regression","outputs":["u","v"],"rows":[0,1],"truth":[3,0.5,-0.5,1],"predictions":[2.5,0.25,0,1.5]}""");
        // By hand: errors −0.5 and 0.5 of u, −0.25 and 0.5 of v.
        predictions.Metrics[MetricNames.Mae].ShouldBe((0.5 + 0.375) / 2, 1e-12);
        predictions.Metrics[MetricNames.Mse].ShouldBe((0.25 + 0.15625) / 2, 1e-12);
    }

    [Theory]
    [InlineData("""{"repeat":1,"fold":1,"task":"classification","outputs":["a","b"],"rows":[4],"truth":[1],"predictions":[0.25]}""")]
    [InlineData("""{"repeat":1,"fold":1,"task":"classification","outputs":["a","b"],"rows":[4],"truth":[],"predictions":[0.25,0.75]}""")]
    [InlineData("""{"repeat":1}""")]
    [InlineData("x")]
    public void FromJson_OfAnotherForm_IsCorrupt(string json) =>
        Should.Throw<Fault>(() => OutOfFoldPredictions.FromJson(Encoding.UTF8.GetBytes(json))).Kind.ShouldBe(FaultKind.Corrupt);

    private static PipelineSpec SpecOf(TaskKind task, params string[] target) => new() { Name = "data", Task = task, Target = target };
}
