using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Contracts;

public sealed class CrossValidationSpecTests
{
    [Theory]
    [InlineData("classification", CrossValidationMethod.Stratified)]
    [InlineData("regression", CrossValidationMethod.KFold)]
    public void Parse_EmptySection_IsFiveFoldsAsTheTaskWants(string task, CrossValidationMethod method) =>
        Parse("{}", task).ShouldBe(new CrossValidationSpec { Method = method, Folds = 5, Repeats = 1, Seed = 42 });

    [Theory]
    [InlineData("")]
    [InlineData(""","crossValidation":null""")]
    public void ToJson_NoCrossValidation_SaysNothingOfIt(string part)
    {
        var spec = PipelineSpec.Parse($$"""{"task":"classification","target":"y"{{part}}}""", "data");
        spec.CrossValidation.ShouldBeNull();
        spec.ToJson().ShouldNotContain("crossValidation");
    }

    [Theory]
    [InlineData("""{"folds":3}""", """{"method":"stratified","folds":3,"repeats":1,"seed":42,"group":null,"time":null}""")]
    [InlineData("""{"method":"k-fold","repeats":2,"seed":7}""", """{"method":"k-fold","folds":5,"repeats":2,"seed":7,"group":null,"time":null}""")]
    [InlineData("""{"method":"grouped","group":"patient"}""", """{"method":"grouped","folds":5,"repeats":1,"seed":42,"group":"patient","time":null}""")]
    [InlineData("""{"method":"time-ordered","time":"day"}""", """{"method":"time-ordered","folds":5,"repeats":1,"seed":42,"group":null,"time":"day"}""")]
    public void ToJson_ReadAgain_IsTheSameAndSaysAll(string section, string written)
    {
        var json = PipelineSpec.Parse($$"""{"task":"classification","target":"y","crossValidation":{{section}}}""", "data").ToJson();
        json.ShouldContain($"\"crossValidation\":{written},\"evaluation\"");
        PipelineSpec.Parse(json, "other").ToJson().ShouldBe(json);
    }

    [Theory]
    [InlineData("""{"method":"stratified"}""", "crossValidation.method: stratified is not accepted for a regression; k-fold, grouped and time-ordered are")]
    [InlineData("""{"method":"random"}""", "crossValidation.method: \"random\" is not accepted; one of stratified, k-fold, grouped, time-ordered is")]
    [InlineData("""{"folds":1}""", "crossValidation.folds: 1 is not accepted; a whole number from 2 to 100 is")]
    [InlineData("""{"folds":50,"repeats":21}""", "crossValidation.repeats: 50 folds and 21 repeats are 1050 trainings; at most 1000 are accepted")]
    [InlineData("""{"method":"grouped"}""", "crossValidation.group: missing; with method grouped, the name of a column is accepted")]
    [InlineData("""{"method":"time-ordered"}""", "crossValidation.time: missing; with method time-ordered, the name of a column is accepted")]
    [InlineData("""{"method":"time-ordered","time":"t","repeats":2}""", "crossValidation.repeats: 2 is not accepted with method time-ordered, whose folds do not depend on chance; 1 is")]
    [InlineData("""{"group":"g"}""", "crossValidation.group: not accepted with method k-fold; with grouped it is")]
    [InlineData("""{"method":"grouped","group":"y"}""", "crossValidation.group: 'y' is the target; another column is accepted")]
    [InlineData("""{"method":"grouped","group":"gone"}""", "crossValidation.group: 'gone' is ignored under columns; a column that is read is accepted, and is no feature")]
    [InlineData("""{"fold":5}""", "crossValidation.fold: unknown field; accepted here: method, folds, repeats, seed, group, time")]
    public void Parse_Mistake_NamesItAndWhatIsAccepted(string section, string expected) =>
        Should.Throw<Fault>(() => Parse(section, "regression")).Message.ShouldBe(expected);

    [Fact]
    public void Parse_SeveralMistakes_TellsThemTogether() =>
        Should.Throw<Fault>(() => Parse("""{"folds":0,"repeats":0,"seed":-1,"method":"grouped"}""", "regression")).Problems.Select(problem => problem.Field)
            .ShouldBe(["crossValidation.folds", "crossValidation.repeats", "crossValidation.seed", "crossValidation.group"]);

    [Theory]
    [InlineData("""{"method":"grouped","group":"g"}""", "", "g", null)]
    [InlineData("""{"method":"time-ordered","time":"t"}""", "", null, "t")]
    [InlineData("""{"method":"time-ordered","time":"t"}""", """ "split":{"group":"g"},""", "g", null)]
    [InlineData("{}", "", null, null)]
    public void Parse_ColumnOfFolds_IsTheSplitsTooUnlessItNamesOne(string section, string split, string? group, string? time)
    {
        var spec = PipelineSpec.Parse($$"""{"task":"classification","target":"y",{{split}}"crossValidation":{{section}}}""", "data");
        (spec.Split.Group, spec.Split.Time, spec.Split.Stratify).ShouldBe((group, time, group is null && time is null));
        PipelineSpec.Parse(spec.ToJson(), "data").Split.ShouldBe(spec.Split);
    }

    private static CrossValidationSpec? Parse(string section, string task) =>
        PipelineSpec.Parse($$"""{"task":"{{task}}","target":"y","columns":{"gone":"ignore"},"crossValidation":{{section}}}""", "data").CrossValidation;
}
