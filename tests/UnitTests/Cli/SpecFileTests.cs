using Mlops.Cli;
using Mlops.Contracts.Spec;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Cli;

public sealed class SpecFileTests
{
    [Fact]
    public void ToJson_Yaml_SaysWhatTheJsonSays()
    {
        const string Yaml =
            """
            task: classification
            target: species            # one column
            columns: { island: ignore }
            split: { train: 0.7, validation: 0.15, test: 0.15, seed: 42, stratify: true }
            model:
              type: mlp
              hidden: [32, 16]
            regularization: { l2: 1e-4 }
            training:
              epochs: 200
              earlyStopping: null
            evaluation:
              gates:
                - { metric: accuracy, min: 0.9 }
            """;
        const string Json =
            """
            {"task":"classification","target":"species","columns":{"island":"ignore"},
             "split":{"train":0.7,"validation":0.15,"test":0.15,"seed":42,"stratify":true},"model":{"type":"mlp","hidden":[32,16]},
             "regularization":{"l2":0.0001},"training":{"epochs":200,"earlyStopping":null},"evaluation":{"gates":[{"metric":"accuracy","min":0.9}]}}
            """;

        foreach (var name in new[] { "spec.yaml", "SPEC.YML" })
            PipelineSpec.Parse(SpecFile.ToJson(Yaml, name), "penguins").ToJson().ShouldBe(PipelineSpec.Parse(Json, "penguins").ToJson());
        SpecFile.ToJson(Json, "spec.json").ShouldBe(Json);
    }

    [Theory]
    [InlineData("task: classification\n  target: x", "spec.yaml, line 2, column")]
    [InlineData("task: classification\ntask: regression", "spec.yaml, line 1, column 1: Encountered duplicate key task")]
    public void ToJson_YamlThatCannotBeRead_SaysWhere(string yaml, string said) =>
        Should.Throw<SpecFileException>(() => SpecFile.ToJson(yaml, "spec.yaml")).Message.ShouldStartWith(said);
}
