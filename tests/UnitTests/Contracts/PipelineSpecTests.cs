using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Contracts;

public sealed class PipelineSpecTests
{
    private const string Smallest = """{"task":"classification","target":"species"}""";

    [Fact]
    public void Parse_TaskAndTargetAlone_FillsInEveryDefault()
    {
        var spec = PipelineSpec.Parse(Smallest, "penguins");
        spec.Name.ShouldBe("penguins");
        spec.Target.ShouldBe(["species"]);
        spec.Split.Stratify.ShouldBeTrue();
        spec.Model.ShouldBe(new AutoModelSpec());
        spec.Optimizer.ShouldBeOfType<AdamWSpec>();
        spec.Training.EarlyStopping.ShouldNotBeNull();
        spec.Compression.Methods.ShouldBe(["int8-dynamic", "float16"]);
        spec.HeadlineMetric.ShouldBe("accuracy");
    }

    [Fact]
    public void Parse_ManyMistakes_TellsAllOfThemWithTheirFields()
    {
        var fault = Should.Throw<Fault>(() => PipelineSpec.Parse(
            """
            {
              "task": "clasification",
              "split": { "train": 0.7, "validation": 0.2, "test": 0.2 },
              "model": { "type": "mlp", "hiden": [8], "dropout": 1 },
              "optimizer": { "type": "adam", "momentum": 0.9, "learningRate": 0 },
              "training": { "epochs": 0, "batchSize": 2.5 },
              "evaluation": { "gates": [ { "metric": "accuracy" }, { "metric": "speed", "min": 1 } ] },
              "compression": { "methods": ["int4"] },
              "colour": "red"
            }
            """, "iris"));
        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Problems.Select(problem => problem.ToString()).ShouldBe([
            "task: \"clasification\" is not accepted; one of classification, regression is",
            "target: missing; the name of the column to predict is accepted",
            "split: train, validation and test are 0.7, 0.2 and 0.2; fractions that sum to 1, or whole numbers of rows, are accepted",
            "optimizer.learningRate: 0 is not accepted; a number above 0 up to 1000 is",
            "optimizer.momentum: unknown field; accepted here: type, beta1, beta2, epsilon, weightDecay, learningRate, schedule",
            "model.dropout: 1 is not accepted; a number from 0 below 1 is",
            "model.hiden: unknown field; accepted here: type, hidden, activation, dropout",
            "training.epochs: 0 is not accepted; a whole number from 1 to 1000000 is",
            "training.batchSize: 2.5 is not accepted; a whole number from 1 to 2147483647 is",
            "evaluation.gates[0]: neither min nor max; at least one is accepted",
            "evaluation.gates[1].metric: \"speed\" is not accepted; one of accuracy, precision, recall, f1, logLoss, rocAuc is",
            "compression.methods: 'int4' is not accepted; int8-dynamic, float16 are",
            "colour: unknown field; accepted here: name, task, target, crossValidation, split, optimizer, model, columns, preprocessing, loss, regularization, training, search, evaluation, compression, promotion",
        ]);
    }

    [Theory]
    [InlineData("""{"task":"regression","target":"y","split":{"group":"a","time":"b"}}""", "split.time: not accepted together with split.group; one of both is")]
    [InlineData("""{"task":"regression","target":"y","split":{"time":"y"}}""", "split.time: 'y' is the target; another column is accepted")]
    [InlineData("""{"task":"classification","target":"y","split":{"group":"a","stratify":true}}""", "split.stratify: true is not accepted where rows are shared out by the groups in 'a'; false is")]
    [InlineData("""{"task":"regression","target":"y","split":{"stratify":true}}""", "split.stratify: true is not accepted for a regression; false is")]
    [InlineData("""{"task":"regression","target":"y","split":{"train":0.8,"validation":0,"test":0.2},"training":{"earlyStopping":{}}}""", "training.earlyStopping: not accepted while split.validation is 0: it looks at the validation rows; null is")]
    [InlineData("""{"task":"regression","target":"y","training":{"refit":true,"earlyStopping":null}}""", "training.refit: true is not accepted without training.earlyStopping, which finds the epochs; false is")]
    [InlineData("""{"task":"regression","target":"y","training":{"refit":true},"optimizer":{"schedule":{"type":"reduce-on-plateau"}}}""", "training.refit: true is not accepted with optimizer.schedule reduce-on-plateau, which looks at the validation loss; false is")]
    [InlineData("""{"task":"classification","target":["a","b"]}""", "target: 2 columns are not accepted for a classification; one is")]
    [InlineData("""{"task":"classification","target":"a","columns":{"a":"ignore"}}""", "columns.a: the target cannot be ignored")]
    [InlineData("""{"task":"classification","target":"a","split":{"train":0.8,"validation":0,"test":0.2}}""", "model.type: auto is not accepted while split.validation is 0: it compares validation losses; any other is, such as mlp")]
    [InlineData("""{"task":"classification","target":"a","model":{"type":"text-transformer","width":10,"heads":4}}""", "model.width: 10 is not accepted with 4 heads; a multiple of 4 is")]
    [InlineData("""{"task":"classification","target":"a","preprocessing":{"columns":{"b":{"order":["x","x"]}}}}""", "preprocessing.columns.b.order: a level stands twice; each is accepted once; preprocessing.columns.b.order: is accepted with encoding ordinal only")]
    [InlineData("""{"task":"classification","target":"a","preprocessing":{"columns":{"b":{"buckets":1,"scaling":"big"}}}}""", "preprocessing.columns.b.scaling: \"big\" is not accepted; one of standard, none, min-max, robust, quantile is; preprocessing.columns.b.buckets: 1 is not accepted; a whole number from 2 to 65536 is")]
    [InlineData("""{"task":"classification","target":"a","preprocessing":{"target":"none"}}""", "preprocessing.target: not accepted for a classification: classes are not scaled")]
    [InlineData("""{"task":"classification","target":"a","model":{"type":"cnn"}}""", "model.shape: missing or not of 3 numbers; [channels, height, width] is accepted")]
    [InlineData("""{"task":"classification","target":"a","model":{"type":"cnn","shape":[1,8,8],"normalization":"layer"}}""", "model.normalization: layer is not accepted with model.type cnn; batch and none are")]
    [InlineData("""{"task":"classification","target":"a","optimizer":{"type":"sgd","nesterov":true}}""", "optimizer.nesterov: true is not accepted without momentum; momentum above 0 is")]
    [InlineData("""{"task":"classification","target":"a","evaluation":{"gates":[{"metric":"f1","min":0.9,"max":0.5}]}}""", "evaluation.gates[0].min: 0.9 is above max 0.5; no value can meet both")]
    [InlineData("""{"task":"classification","target":"a","name":"../etc"}""", "name: '../etc' is not a name; accepted: 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit")]
    [InlineData("""{"task":"classification","target":7}""", "target: 7 is not accepted; a text or a list of texts is")]
    [InlineData("""[]""", "spec: a JSON object is accepted")]
    public void Parse_ContradictionOrWrongShape_NamesItAndWhatIsAccepted(string json, string expected) =>
        Should.Throw<Fault>(() => PipelineSpec.Parse(json, "data")).Message.ShouldContain(expected);

    [Theory]
    [InlineData("""{"task":"regression","target":"y"}""", null)]
    [InlineData("""{"task":"regression","target":"y","training":{"refit":true}}""", true)]
    [InlineData("""{"task":"regression","target":"y","optimizer":{"schedule":{"type":"reduce-on-plateau"}}}""", false)]
    public void Parse_Refit_IsLeftToTheRowsUnlessSaid_AndOffWhereTheScheduleLooksAtValidationRows(string json, bool? expected) =>
        PipelineSpec.Parse(PipelineSpec.Parse(json, "data").ToJson(), "data").Training.Refit.ShouldBe(expected);

    [Fact]
    public void Parse_ByteOrderMark_IsPassedOver() =>
        PipelineSpec.Parse("\uFEFF" + Smallest, "penguins").Target.ShouldBe(["species"]);

    [Theory]
    [InlineData("""{"task":"classification","target":"\ud800"}""", "spec: half a surrogate pair in the text at byte 34; both halves are accepted")]
    [InlineData("""{"\udc00":1,"task":"classification","target":"a"}""", "spec: half a surrogate pair in the text at byte 1; both halves are accepted")]
    public void Parse_HalfASurrogatePair_IsRefused(string json, string message) =>
        Should.Throw<Fault>(() => PipelineSpec.Parse(json, "data")).Message.ShouldBe(message);

    [Fact]
    public void Parse_BytesThatAreNotUtf8_AreRefused()
    {
        byte[] json = [.. "{\"task\":\"classification\",\"target\":\""u8, 0xFF, .. "\"}"u8];
        Should.Throw<Fault>(() => PipelineSpec.Parse(json, "data")).Message.ShouldBe("spec: not UTF-8; UTF-8 text is accepted");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"task":"regression","task":"classification","target":"y"}""")]
    [InlineData("")]
    public void Parse_NotJsonOrFieldTwice_IsRefused(string json) =>
        Should.Throw<Fault>(() => PipelineSpec.Parse(json, "data")).Message.ShouldStartWith("spec: not JSON");

    [Theory]
    [InlineData(Smallest)]
    [InlineData("""{"name":"m","task":"regression","target":["a","b"],"split":{"train":10,"validation":0,"test":5},"model":{"type":"cnn","shape":[1,8,8]},"optimizer":{"type":"sgd","momentum":0.9,"nesterov":true},"columns":{"id":"ignore","zip":"categorical"},"evaluation":{"gates":[{"metric":"r2","min":0.1}]},"compression":{"methods":[]},"promotion":{"mode":"manual"}}""")]
    public void ToJson_ReadAgain_IsTheSameText(string json)
    {
        var text = PipelineSpec.Parse(json, "data").ToJson();
        PipelineSpec.Parse(text, "another name").ToJson().ShouldBe(text);
    }

    [Fact]
    public void ToJson_OfTheSmallestSpec_SaysEverythingThatWillBeDone() =>
        PipelineSpec.Parse(Smallest, "penguins").ToJson().ShouldBe(
            """
            {"name":"penguins","task":"classification","target":["species"],"columns":{},"split":{"train":0.7,"validation":0.15,"test":0.15,"seed":42,"stratify":true},"preprocessing":{"numeric":"standard","impute":"mean","missingIndicator":true,"encoding":"auto","minCount":2,"buckets":256,"text":{"words":2,"minCount":2,"maxTerms":10000,"sublinear":true},"target":"standard","columns":{}},"model":{"type":"auto","budgetSeconds":300},"optimizer":{"type":"adamw","beta1":0.9,"beta2":0.999,"epsilon":1E-08,"weightDecay":0.01,"learningRate":0.003,"schedule":{"type":"constant","warmUpEpochs":0,"warmUpFrom":0.01}},"loss":{"type":"cross-entropy","labelSmoothing":0,"classWeights":{"balanced":false,"of":{}}},"regularization":{"l1":0,"l2":0,"elasticNet":null,"maxNorm":null,"clipNorm":null,"clipValue":null},"training":{"epochs":200,"batchSize":32,"earlyStopping":{"patience":20,"minDelta":0},"seed":42,"device":"auto"},"evaluation":{"gates":[]},"compression":{"methods":["int8-dynamic","float16"],"maxQualityDrop":0.01},"promotion":{"mode":"automatic"}}
            """.Trim());

    [Theory]
    [InlineData(""" "model": { "type": "text-transformer" } """, 0.0003)]
    [InlineData(""" "model": { "type": "text-transformer" }, "optimizer": { "learningRate": 0.01 } """, 0.01)]
    [InlineData(""" "model": { "type": "text-transformer" }, "optimizer": { "type": "sgd" } """, 0.01)]
    [InlineData(""" "model": { "type": "text-bag" } """, 0.003)]
    public void Parse_LearningRate_UnlessSaidSuitsTheModel(string part, double rate) =>
        PipelineSpec.Parse($$"""{"task":"classification","target":"a",{{part}}}""", "data").Optimizer.LearningRate.ShouldBe(rate);

    public static TheoryData<string> Parts =>
    [
        """ "preprocessing": { "numeric": "quantile", "impute": "median", "missingIndicator": false, "encoding": "one-hot", "minCount": 5, "buckets": 64, "text": { "words": 1, "minCount": 3, "maxTerms": 100, "sublinear": false } } """,
        """ "preprocessing": { "columns": { "b": { "scaling": "min-max", "log": true, "impute": "zero", "missingIndicator": false }, "a": { "encoding": "ordinal", "order": ["x", "y"], "minCount": 3, "buckets": 9 } } } """,
        """ "optimizer": { "type": "gradient-descent", "learningRate": 0.5 } """,
        """ "optimizer": { "type": "sgd", "momentum": 0.9, "nesterov": true, "schedule": { "type": "step", "everyEpochs": 5, "factor": 0.5 } } """,
        """ "optimizer": { "type": "nadam", "momentumDecay": 0.01, "schedule": { "type": "cosine", "minimum": 0.1, "warmUpEpochs": 3 } } """,
        """ "optimizer": { "type": "radam", "beta1": 0.8, "schedule": { "type": "one-cycle", "rising": 0.2 } } """,
        """ "optimizer": { "type": "rmsprop", "centered": true, "schedule": { "type": "reduce-on-plateau", "patience": 3, "cooldown": 1 } } """,
        """ "optimizer": { "type": "adagrad", "learningRateDecay": 0.1 } """,
        """ "optimizer": { "type": "lbfgs", "history": 5, "lineSearch": "none" }, "regularization": { "elasticNet": { "alpha": 0.01, "l1Ratio": 0.2 } } """,
        """ "regularization": { "maxNorm": 3, "clipNorm": 1, "clipValue": 0.5 }, "loss": { "type": "focal", "gamma": 1, "classWeights": { "of": { "b": 2, "a": 1 } } } """,
        """ "loss": { "type": "cross-entropy", "labelSmoothing": 0.1, "classWeights": { "balanced": true } } """,
        """ "loss": { "type": "binary", "positiveWeight": 3 }, "model": { "type": "linear" } """,
        """ "model": { "type": "auto", "budgetSeconds": 7 } """,
        """ "model": { "hidden": [8] } """,
        """ "model": { "type": "embedding-mlp", "dimensions": 4, "hidden": [8], "activation": "silu", "dropout": 0 } """,
        """ "model": { "type": "text-bag", "hidden": [8], "dropout": 0.3 } """,
        """ "model": { "type": "text-transformer", "maxTokens": 20, "vocabulary": 100, "minCount": 1, "width": 12, "layers": 1, "heads": 3, "hidden": 7, "activation": "tanh" } """,
        """ "model": { "type": "residual-mlp", "width": 16, "hidden": 24, "blocks": 3, "normalization": "layer", "dropout": 0.2 } """,
        """ "model": { "type": "cnn", "shape": [1, 8, 8], "channels": [4, 8], "normalization": "batch", "globalAveragePooling": true, "hidden": [] } """,
        """ "model": { "type": "boosted-trees", "trees": 50, "leaves": 7, "maxDepth": 3, "learningRate": 0.2, "minRowsInLeaf": 4, "minHessianInLeaf": 0.5, "minGain": 0.1, "l1": 0.2, "l2": 0.3, "featureFraction": 0.8, "baggingFraction": 0.9, "bins": 63 } """,
    ];

    [Theory]
    [MemberData(nameof(Parts))]
    public void ToJson_ReadAgain_IsTheSame(string part)
    {
        var written = PipelineSpec.Parse($$"""{ "task": "classification", "target": "y", {{part}} }""", "penguins").ToJson();

        PipelineSpec.Parse(written, "other").ToJson().ShouldBe(written);
        foreach (var number in System.Text.RegularExpressions.Regex.Matches(part, "\"(\\w+)\": ([\\d.]+)").Select(match => $"\"{match.Groups[1]}\":{match.Groups[2]}"))
            written.ShouldContain(number);
    }

    [Theory]
    [InlineData(""" "loss": { "type": "mse" } """, "loss.type: \"mse\" is not accepted; one of cross-entropy, focal, binary is")]
    [InlineData(""" "loss": { "classWeights": { "balanced": true, "of": { "a": 2 } } } """, "loss.classWeights.of: not accepted together with balanced, which says them all; one of both is")]
    [InlineData(""" "loss": { "classWeights": { "of": { "a": 0 } } } """, "loss.classWeights.of.a: 0 is not accepted; a number above 0 up to 1000000 is")]
    [InlineData(""" "loss": { "labelSmoothing": 1 } """, "loss.labelSmoothing: 1 is not accepted; a number from 0 below 1 is")]
    [InlineData(""" "optimizer": { "type": "sgd", "nesterov": true } """, "optimizer.nesterov: true is not accepted without momentum; momentum above 0 is")]
    [InlineData(""" "optimizer": { "schedule": { "type": "cosine", "factor": 2 } } """, "optimizer.schedule.factor: unknown field; accepted here: type, minimum, warmUpEpochs, warmUpFrom")]
    [InlineData(""" "optimizer": { "type": "lbfgs" }, "model": { "dropout": 0.2 } """, "model.dropout: above 0 is not accepted with optimizer.type lbfgs, which wants a loss without chance; 0 is")]
    [InlineData(""" "optimizer": { "type": "lbfgs" }, "regularization": { "clipNorm": 1 } """, "regularization.clipNorm: not accepted with optimizer.type lbfgs, whose steps must follow the gradient; l1, l2 and elasticNet are")]
    [InlineData(""" "regularization": { "l1": 1, "elasticNet": { } } """, "regularization.elasticNet: not accepted together with l1 or l2, which it stands for; one of both is")]
    [InlineData(""" "model": { "type": "boosted-trees", "leaves": 1 } """, "model.leaves: 1 is not accepted; a whole number from 2 to 131072 is")]
    [InlineData(""" "model": { "type": "boosted-trees", "baggingFraction": 0 } """, "model.baggingFraction: 0 is not accepted; a number above 0 up to 1 is")]
    [InlineData(""" "model": { "type": "boosted-trees", "hidden": [8] } """, "model.hidden: unknown field; accepted here: type, trees, leaves, maxDepth, learningRate, minRowsInLeaf, minHessianInLeaf, minGain, l1, l2, featureFraction, baggingFraction, bins")]
    [InlineData(""" "training": { "precision": "mixed-bfloat16" }, "optimizer": { "type": "lbfgs" } """, "training.precision: mixed-bfloat16 is not accepted with optimizer.type lbfgs, whose line search compares losses; full is")]
    [InlineData(""" "training": { "precision": "float16" } """, "training.precision: \"float16\" is not accepted; one of full, mixed-bfloat16 is")]
    [InlineData(""" "training": { "device": "cuda:01" } """, "training.device: \"cuda:01\" is not accepted; auto, cpu, cuda or a CUDA device such as cuda:1 is")]
    [InlineData(""" "training": { "device": "gpu" } """, "training.device: \"gpu\" is not accepted; auto, cpu, cuda or a CUDA device such as cuda:1 is")]
    [InlineData(""" "model": { "type": "boosted-trees" }, "training": { "device": "cuda:1" } """, "training.device: cuda:1 is not accepted with model.type boosted-trees, which are grown on the processor; auto and cpu are")]
    [InlineData(""" "model": { "type": "boosted-trees" }, "training": { "device": "cuda" } """, "training.device: cuda is not accepted with model.type boosted-trees, which are grown on the processor; auto and cpu are")]
    [InlineData(""" "model": { "type": "boosted-trees" }, "loss": { "type": "focal" } """, "loss.type: focal and binary are not accepted with model.type boosted-trees; cross-entropy is, with classWeights where wanted")]
    [InlineData(""" "model": { "type": "boosted-trees" }, "loss": { "labelSmoothing": 0.1 } """, "loss.labelSmoothing: above 0 is not accepted with model.type boosted-trees; 0 is")]
    [InlineData(""" "regularization": { "maxNorm": 0 } """, "regularization.maxNorm: 0 is not accepted; a number above 0 is")]
    public void Parse_PartThatIsNotAccepted_SaysWhatIs(string part, string problem) =>
        Should.Throw<Fault>(() => PipelineSpec.Parse($$"""{ "task": "classification", "target": "y", {{part}} }""", "penguins")).Message.ShouldBe(problem);
}
