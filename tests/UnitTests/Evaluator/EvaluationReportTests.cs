using System.Text;
using System.Text.Json;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Evaluator;
using Mlops.Scoring;
using Mlops.Scoring.Metrics;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Evaluator;

public sealed class EvaluationReportTests
{
    [Fact]
    public void OfClassification_StandsInJsonAsDocumented()
    {
        var report = EvaluationReport.OfClassification(
            ["a", "b"], [0, 1], new Scores(2, 2, [0, 1], [1, 0, 0, 1]), Spec(new GateSpec { Metric = MetricNames.Accuracy, Min = 0.9 }));
        report.Passed.ShouldBeTrue();
        Encoding.UTF8.GetString(report.ToJson()).ShouldBe("""
            {"task":"classification","testRows":2,"metrics":{"accuracy":1,"precision":1,"recall":1,"f1":1,"logLoss":0,"rocAuc":1},"classes":[{"class":"a","support":1,"precision":1,"recall":1,"f1":1,"rocAuc":1},{"class":"b","support":1,"precision":1,"recall":1,"f1":1,"rocAuc":1}],"confusionMatrix":[[1,0],[0,1]],"targets":[],"gates":[{"metric":"accuracy","value":1,"passed":true,"reason":"accuracy 1 meets the gate's minimum 0.9"}],"passed":true}
            """);
    }

    [Fact]
    public void OfClassification_OnlyNaN_MeetsNoGateAndStandsInJson()
    {
        float[] nothing = [float.NaN, float.NaN, float.NaN, float.NaN];
        var gates = MetricNames.For(TaskKind.Classification).Select(name => new GateSpec { Metric = name, Min = 0.01 }).ToArray();
        var report = EvaluationReport.OfClassification(["a", "b"], [0, 1], new Scores(2, 2, [0, 1], nothing), Spec(gates));
        report.Gates.ShouldAllBe(verdict => !verdict.Passed);
        Encoding.UTF8.GetString(report.ToJson()).ShouldContain("\"logLoss\":\"NaN\"");
    }

    [Fact]
    public void OfRegression_OnlyNaN_MeetsNoGateAndReadsBack()
    {
        var gates = MetricNames.For(TaskKind.Regression).Select(name => new GateSpec { Metric = name, Max = 1e9 }).ToArray();
        var report = EvaluationReport.OfRegression(["t"], [1, 2], new Scores(2, 1, [], [float.NaN, 1]), Spec(gates));
        report.Passed.ShouldBeFalse();
        report.Gates.ShouldAllBe(verdict => !verdict.Passed);
        var again = JsonSerializer.Deserialize<EvaluationReport>(report.ToJson(), SpecJson.Canonical)!;
        again.Metrics.ShouldBe(report.Metrics);
        again.Targets.ShouldBe(report.Targets);
        again.Gates.ShouldBe(report.Gates);
    }

    [Fact]
    public void Classes_OfTheTestRows_AreIndicesIntoTheModels()
    {
        HeldOutTargets.Classes(new CategoricalColumn("species", [2, 0, 1], ["x", "y", "z"]), ["z", "x"]).ShouldBe([0, 1, -1]);
        HeldOutTargets.Classes(new NumericColumn("digit", [3, 0, 10]), ["0", "10", "3"]).ShouldBe([2, 0, 1]);
    }

    [Fact]
    public void Classes_MissingTarget_NamesTheRow() =>
        Should.Throw<Fault>(() => HeldOutTargets.Classes(new CategoricalColumn("species", [0, -1], ["x"]), ["x"])).Message
            .ShouldBe("species: the target is missing in held-out row 2; every held-out row needs it");

    [Fact]
    public void Values_OfSeveralTargets_AreRowMajor()
    {
        var table = new Table([new NumericColumn("u", [1, 2]), new CategoricalColumn("c", [0, 0], ["x"]), new NumericColumn("v", [3, 4])]);
        HeldOutTargets.Values(table, ["v", "u"]).ShouldBe([3, 1, 4, 2]);
        Should.Throw<Fault>(() => HeldOutTargets.Values(table, ["c"])).Message.ShouldBe("c: a categorical column; a regression's target is numeric");
        Should.Throw<Fault>(() => HeldOutTargets.Values(table, ["w"])).Problems.ShouldHaveSingleItem().Field.ShouldBe("w");
    }

    private static EvaluationSpec Spec(params GateSpec[] gates) => new() { Gates = gates };
}
