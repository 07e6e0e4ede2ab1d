using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Features;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>Networks that learn a vector for a level or a word, or a weight for a term.</summary>
[Collection(TrainingCollection.Name)]
public sealed class TextParityTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public void EmbeddingMlp_AgreesWithTorchOnMissingAndUnseen(int? dimensions)
    {
        var table = Given.Mixed(300, seed: 1);
        var spec = Given.Classification("species") with { Model = new EmbeddingMlpSpec { Dimensions = dimensions, Hidden = [8] } };

        using var model = Given.Train(spec, table);

        model.ShouldAgreeWithOnnx(table);
        model.ShouldAgreeWithOnnx(new Table(
        [
            Given.Numbers("length", 39.1, double.NaN),
            Given.Texts("island", "Elsewhere", null),
            Given.Numbers("mass", double.NaN, 4200),
        ]));
        model.Preprocessing.Features[1].ShouldBeOfType<CodeFeature>().Codes.ShouldBe(5); // never seen, three islands, missing
    }

    [Fact]
    public void EmbeddingMlp_LearnsItsVectors_AndLeavesThatOfTheUnseenAtZero()
    {
        // One number for each level and a linear model: only learned numbers can have these sizes.
        double[] sizes = [3, -1, 4, -1.5, 5];
        var levels = Enumerable.Range(0, 200).Select(row => row % sizes.Length).ToList();
        var table = new Table([Given.Texts("level", [.. levels.Select(level => $"l{level}")]), Given.Numbers("y", [.. levels.Select(level => sizes[level])])]);
        var spec = Given.Regression("y") with
        {
            Model = new EmbeddingMlpSpec { Dimensions = 1, Hidden = [], Dropout = 0 },
            Optimizer = new AdamWSpec { LearningRate = 0.05, WeightDecay = 0 },
            Training = new TrainingSpec { Epochs = 100, EarlyStopping = null },
        };

        using var model = Given.Train(spec, table);

        model.Predict(table)[..5].ShouldBe(sizes.Select(size => (float)size), 0.01);
        model.Weights[0][0].ShouldBe(0);
    }

    [Fact]
    public void EmbeddingMlp_WithoutTexts_AgreesWithTorch()
    {
        var table = Given.Clusters(60, 3);
        using var model = Given.Train(Given.Classification() with { Model = new EmbeddingMlpSpec { Hidden = [8] } }, table);

        model.ShouldAgreeWithOnnx(table);
    }

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 8 })]
    public void TextBag_AgreesWithTorch(int[] hidden)
    {
        var table = Reviews(120);
        using var model = Given.Train(Given.Classification() with { Model = new TextBagSpec { Hidden = hidden } }, table);

        model.ShouldAgreeWithOnnx(table);
        model.ShouldAgreeWithOnnx(Given.Review("Nothing known", "", "GOOD bad good", null));
    }

    [Theory]
    [InlineData(12, 2)]
    [InlineData(3, 1)] // fewer than the texts have
    public void TextTransformer_AgreesWithTorch(int maxTokens, int layers)
    {
        var table = Reviews(120);
        var model = new TextTransformerSpec { MaxTokens = maxTokens, Layers = layers, Width = 8, Heads = 2, Hidden = 16, Activation = Activation.Silu };
        using var trained = Given.Train(Given.Classification() with { Model = model }, table);

        trained.ShouldAgreeWithOnnx(table);
        trained.ShouldAgreeWithOnnx(Given.Review("Nothing known", "", "GOOD bad good", null));
    }

    [Theory]
    [InlineData("text-bag", "model.type: text-bag is not accepted without a column of running text; mlp is, or a column with preprocessing encoding text")]
    [InlineData("text-transformer", "model.type: text-transformer is accepted with one column of running text; there are 0: text-bag is accepted with more, mlp with none")]
    public void Text_WhereThereIsNone_Faults(string type, string message)
    {
        var spec = PipelineSpec.Parse($$"""{ "task": "classification", "target": "class", "model": { "type": "{{type}}" }, "training": { "earlyStopping": null } }""", "n");

        Should.Throw<Fault>(() => Given.Train(spec, Given.Clusters(20, 2))).Message.ShouldBe(message);
    }

    /// <summary>Texts of some words, and a class by which of two words stands in them.</summary>
    private static Table Reviews(int rows)
    {
        var chance = Oracle.Normals(9, rows * 6);
        string[] words = ["the", "coffee", "is", "very", "dog", "likes", "price", "high", "not", "it"];
        var texts = chance.Chunk(6).Select((row, index) => string.Join(' ', row[..(2 + (index % 5))].Select(value => words[(int)(Math.Abs(value) * 5) % words.Length]).Append(row[5] > 0 ? "Good" : "bad")));
        return new Table([.. Given.Review([.. texts]).Columns, Given.Texts("class", [.. chance.Chunk(6).Select(row => row[5] > 0 ? "great" : "other")])]);
    }
}
