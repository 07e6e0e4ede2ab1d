using System.Text.Json;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Contracts;

public sealed class SearchSpecTests
{
    private const string Rate = """{"optimizer.learningRate":{"min":0.0001,"max":0.1,"scale":"log"}}""";

    [Theory]
    [InlineData("")]
    [InlineData(""","search":null""")]
    public void ToJson_NoSearch_SaysNothingOfIt(string part)
    {
        var spec = PipelineSpec.Parse($$"""{"task":"classification","target":"y"{{part}}}""", "data");
        spec.Search.ShouldBeNull();
        spec.ToJson().ShouldNotContain("search");
    }

    [Theory]
    [InlineData(
        """{"space":{"optimizer.learningRate":{"min":0.0001,"max":0.1,"scale":"log"}}}""",
        """{"method":"tpe","trials":30,"parallel":4,"seed":7,"metric":"validation-loss","space":{"optimizer.learningRate":{"min":0.0001,"max":0.1,"scale":"log","integer":false,"points":null}},"pruning":null}""")]
    [InlineData(
        """{"method":"random","trials":5,"seed":1,"metric":"validation-accuracy","space":{"training.batchSize":{"min":8,"max":64,"integer":true},"model.activation":{"values":["relu", "tanh"]}},"pruning":{"reduction":2}}""",
        """{"method":"random","trials":5,"parallel":null,"seed":1,"metric":"validation-accuracy","space":{"model.activation":{"values":["relu","tanh"]},"training.batchSize":{"min":8,"max":64,"scale":"linear","integer":true,"points":null}},"pruning":{"type":"successive-halving","minEpochs":5,"reduction":2}}""")]
    [InlineData(
        """{"method":"grid","space":{"optimizer.learningRate":{"min":0.001,"max":0.1,"points":3}}}""",
        """{"method":"grid","trials":null,"parallel":null,"seed":null,"metric":"validation-loss","space":{"optimizer.learningRate":{"min":0.001,"max":0.1,"scale":"linear","integer":false,"points":3}},"pruning":null}""")]
    public void ToJson_ReadAgain_IsTheSameAndSaysAll(string section, string written)
    {
        var json = Parse(section).ToJson();
        json.ShouldContain($"\"search\":{written},\"evaluation\"");
        PipelineSpec.Parse(json, "other").ToJson().ShouldBe(json);
    }

    [Theory]
    [InlineData("tpe", 30, 10)]
    [InlineData("random", 30, 30)]
    public void Rounds_OfThirtyTrials_AreAsLargeAsTheMethodWants(string method, int trials, int ofARound)
    {
        var search = Parse($$"""{"method":"{{method}}"{{(method == "tpe" ? ",\"parallel\":10" : "")}},"space":{{Rate}} }""").Search!;
        (search.Total, search.RoundSize).ShouldBe((trials, ofARound));
        search.NumbersOf(0).ShouldBe(Enumerable.Range(1, ofARound));
        search.NumbersOf(trials / ofARound).ShouldBeEmpty();
    }

    [Fact]
    public void With_Settings_IsTheSpecThatATrialIsTrainedBy()
    {
        var spec = Parse($$"""{"space":{{Rate}} }""");
        var tried = spec.With(new Dictionary<string, JsonElement>
        {
            ["optimizer.learningRate"] = JsonElement.Parse("0.05"),
            ["model"] = JsonElement.Parse("""{"type":"residual-mlp"}"""),
            ["regularization.elasticNet.alpha"] = JsonElement.Parse("0.5"),
        });
        tried.ShouldSatisfyAllConditions(
            () => tried.Search.ShouldBeNull(),
            () => tried.Name.ShouldBe("data"),
            () => tried.Optimizer.LearningRate.ShouldBe(0.05),
            () => tried.Model.ShouldBeOfType<ResidualMlpSpec>(),
            () => tried.Regularization.ElasticNet.ShouldBe(new ElasticNetSpec { Alpha = 0.5 }),
            () => (tried with { Optimizer = spec.Optimizer, Model = spec.Model, Regularization = spec.Regularization }).ToJson().ShouldBe((spec with { Search = null }).ToJson()));
    }

    [Theory]
    [InlineData("""{}""", "search.space: missing; an object is accepted that has a range for at least one setting, such as \"optimizer.learningRate\": { \"min\": 0.0001, \"max\": 0.1, \"scale\": \"log\" }")]
    [InlineData("""{"method":"bayes","space":{"model.dropout":{"values":[0,0.1]}},"trials":2}""", "search.method: \"bayes\" is not accepted; one of tpe, random, grid is")]
    [InlineData("""{"method":"grid","trials":3,"space":{"model.dropout":{"values":[0,0.1]}}}""", "search.trials: not accepted with method grid, which tries every combination once")]
    [InlineData("""{"method":"random","trials":2,"parallel":3,"space":{"model.dropout":{"values":[0,0.1]}}}""", "search.parallel: not accepted with method random, whose trials know nothing of each other and are all there from the start")]
    [InlineData("""{"space":{"model.dropout":{"values":[0,0.1,0.2]}}}""", "search.trials: 30 is not accepted for a space of 3 combinations; at most as many are, or method grid, which tries each once")]
    [InlineData("""{"method":"grid","space":{"model.dropout":{"min":0,"max":0.5}}}""", "search.space.model.dropout.points: missing; with method grid, a number of points is accepted, or integer true, or values")]
    [InlineData("""{"method":"grid","space":{"training.batchSize":{"min":1,"max":100,"integer":true},"training.epochs":{"min":1,"max":100,"integer":true}}}""", "search.space: 10000 combinations are not accepted with method grid; at most 1000 are")]
    [InlineData("""{"space":{"optimizer.learningRate":{"min":0.1,"max":10000}}}""", "search.space.optimizer.learningRate.max: 10000 is not accepted; a number above 0 up to 1000 is")]
    [InlineData("""{"space":{"optimizer.learningRate":{"min":0,"max":1,"scale":"log"}}}""", "search.space.optimizer.learningRate.min: 0 is not accepted with scale log; a number above 0 is")]
    [InlineData("""{"space":{"optimizer.learningRate":{"min":1,"max":0.5}}}""", "search.space.optimizer.learningRate.max: 0.5 is not accepted with min 1; a larger number is")]
    [InlineData("""{"space":{"training.batchSize":{"min":8,"max":64.5,"integer":true}}}""", "search.space.training.batchSize.max: 64.5 is not accepted with integer true; a whole number from -2147483647 to 2147483647 is")]
    [InlineData("""{"space":{"training.batchSize":{"min":8.5,"max":64}}}""", "search.space.training.batchSize.min: 8.5 is not accepted; a whole number from 1 to 2147483647 is")]
    [InlineData("""{"space":{"optimizer.learningRate":{"max":1}}}""", "search.space.optimizer.learningRate.min: missing; min and max are accepted, or values")]
    [InlineData("""{"space":{"optimizer.learningRate":{"min":0.1,"max":1,"step":2}}}""", "search.space.optimizer.learningRate.step: unknown field; accepted here: values, min, max, scale, integer, points")]
    [InlineData("""{"trials":1,"space":{"model.activation":{"values":["relu","gelu"]}}}""", "search.space.model.activation.values[1]: \"gelu\" is not accepted; one of relu, tanh, silu is")]
    [InlineData("""{"trials":1,"space":{"model.activation":{"values":["relu","tanh","relu"]}}}""", "search.space.model.activation.values: \"relu\" stands twice; each value is accepted once")]
    [InlineData("""{"trials":1,"space":{"model.activation":{"values":[]}}}""", "search.space.model.activation.values: [] is not accepted; a list of 1 to 100 values is")]
    [InlineData("""{"trials":1,"space":{"model.activation":{"values":["relu"],"min":1}}}""", "search.space.model.activation.min: not accepted together with values; one of both is")]
    [InlineData("""{"trials":1,"space":{"model":{"values":[{"type":"mlp","hidden":[0]}]}}}""", "search.space.model.values[0]: model.hidden: [0] is not accepted; a list of at most 64 whole numbers from 1 to 65536 is")]
    [InlineData("""{"space":{"model.heads":{"min":0,"max":1}}}""", "search.space.model.heads.min: unknown field; accepted here: type, hidden, activation, dropout; search.space.model.heads.max: unknown field; accepted here: type, hidden, activation, dropout")]
    [InlineData("""{"space":{"model.hidden.first":{"min":0,"max":1}}}""", "search.space.model.hidden.first.min: hidden is no object there; a place that is, or a whole part, is accepted; search.space.model.hidden.first.max: hidden is no object there; a place that is, or a whole part, is accepted")]
    [InlineData("""{"space":{"split.train":{"min":0.1,"max":0.5}}}""", "search.space.split.train: no place that a search may set; places in model, optimizer, loss, regularization, training, preprocessing are accepted, such as optimizer.learningRate")]
    [InlineData("""{"space":{"training.seed":{"min":1,"max":5}}}""", "search.space.training.seed: not accepted: seed, device and refit stay as they are; other places in training are")]
    [InlineData("""{"trials":1,"space":{"model":{"values":[{"type":"mlp"}]},"model.dropout":{"min":0,"max":0.5}}}""", "search.space.model.dropout: not accepted together with model, of which it is a part; one of both is")]
    [InlineData("""{"space":{"loss.labelSmoothing":{"min":0,"max":0.2}}}""", "search.space.loss.labelSmoothing.max: another loss is not accepted with metric validation-loss, which would measure each trial by another; with validation-accuracy it is")]
    [InlineData("""{"trials":1,"space":{"model":{"values":[{"type":"auto"}]}},"pruning":{}}""", "search.space.model.values[0]: model.type auto is not accepted with pruning, because it tells of its epochs only in the end; any other is, such as mlp")]
    [InlineData("""{"space":{"optimizer.learningRate":{"min":0.1,"max":1}},"pruning":{"reduction":1}}""", "search.pruning.reduction: 1 is not accepted; a whole number from 2 to 100 is")]
    [InlineData("""{"space":{"optimizer.learningRate":{"min":0.1,"max":1}},"pruning":{"type":"median"}}""", "search.pruning.type: \"median\" is not accepted; one of successive-halving is")]
    [InlineData("""{"space":{"optimizer.learningRate":{"min":0.1,"max":1}},"metric":"loss"}""", "search.metric: \"loss\" is not accepted; one of validation-loss, validation-accuracy is")]
    public void Parse_Mistake_NamesItAndWhatIsAccepted(string section, string expected) =>
        Should.Throw<Fault>(() => Parse(section)).Message.ShouldBe(expected);

    [Fact]
    public void Parse_SeveralMistakes_TellsThemTogether() =>
        Should.Throw<Fault>(() => Parse("""{"method":"tpe","parallel":0,"space":{"optimizer.learningRate":{"min":0.1,"max":10000},"model.dropout":{"min":-1,"max":1},"training.batchSize":{"values":[8,0,"x"]}}}"""))
            .Problems.Select(problem => problem.Field).ShouldBe(
            [
                "search.parallel", "search.space.model.dropout.min", "search.space.model.dropout.max", "search.space.optimizer.learningRate.max",
                "search.space.training.batchSize.values[1]", "search.space.training.batchSize.values[2]",
            ]);

    [Fact]
    public void Parse_LossWithAccuracy_IsAccepted() =>
        Parse("""{"metric":"validation-accuracy","space":{"loss.labelSmoothing":{"min":0,"max":0.2}}}""").Search!.Space.Keys.ShouldBe(["loss.labelSmoothing"]);

    [Theory]
    [InlineData("""{"task":"regression","target":"y","search":{"metric":"validation-accuracy","space":{"optimizer.learningRate":{"min":0.1,"max":1}}}}""", "search.metric: validation-accuracy is not accepted for a regression; validation-loss is")]
    [InlineData("""{"task":"classification","target":"y","model":{"type":"mlp"},"split":{"train":0.8,"validation":0,"test":0.2},"search":{"space":{"optimizer.learningRate":{"min":0.1,"max":1}}}}""", "search: not accepted while split.validation is 0: trials are compared on the validation rows")]
    [InlineData("""{"task":"regression","target":"y","search":{"trials":1,"space":{"preprocessing.target":{"values":["none"]}}}}""", "search.space.preprocessing.target.values[0]: another loss is not accepted with metric validation-loss, which would measure each trial by another; with validation-accuracy it is")]
    public void Parse_RestOfTheSpecDoesNotSuit_SaysSo(string spec, string expected) =>
        Should.Throw<Fault>(() => PipelineSpec.Parse(spec, "data")).Message.ShouldBe(expected);

    [Fact]
    public void Readme_ItsSearch_IsAccepted()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var sample = readme.Split("```").Single(block => block.StartsWith("json", StringComparison.Ordinal) && block.Contains("\"search\"", StringComparison.Ordinal));
        PipelineSpec.Parse(sample["json".Length..], "penguins").Search!.Space.Count.ShouldBe(4);
    }

    private static PipelineSpec Parse(string section) =>
        PipelineSpec.Parse($$"""{"task":"classification","target":"y","model":{"type":"mlp"},"training":{"seed":7},"search":{{section}}}""", "data");
}
