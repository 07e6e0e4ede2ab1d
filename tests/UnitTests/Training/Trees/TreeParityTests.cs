using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Features;
using Mlops.Training.Loop;
using Mlops.Training.Trees;
using Shouldly;
using TorchSharp;
using Xunit;

namespace Mlops.UnitTests.Training.Trees;

/// <summary>The exported graph, our own walk through the trees, and LightGBM answer the same.</summary>
[Collection(TrainingCollection.Name)]
public sealed class TreeParityTests
{
    [Theory]
    [InlineData("iris", "class", 3)]
    [InlineData("penguins", "species", 3)]
    [InlineData("penguins", "sex", 2)]
    [InlineData("digits", "class", 10)]
    public void Classes_OfASample_AgreeWithLightGbm(string sample, string target, int classes)
    {
        var spec = GivenTrees.Classifier(target);
        var table = WithTarget(GivenTrees.Sample(sample, spec), target);

        using var model = Given.Train(spec, table);

        model.Signature.Classes.Count.ShouldBe(classes);
        var probabilities = model.ShouldAgreeWithOnnx(table, relative: true);
        var expected = NativeLightGbm.Predict(GivenTrees.Texts(spec, table).ShouldHaveSingleItem(), classes, model.Preprocessing.Encode(table), model.Preprocessing.Width);
        var ours = classes == 2 ? probabilities.Where((_, index) => index % 2 == 1) : probabilities;
        ours.Select(probability => (double)probability).ShouldBe(expected, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Values_OfASample_AgreeWithLightGbm(LossSpec loss)
    {
        var spec = GivenTrees.Regressor(null, "target") with { Loss = loss };
        var table = GivenTrees.Sample("diabetes", spec);

        using var model = Given.Train(spec, table);

        ShouldBeLightGbms(model.ShouldAgreeWithOnnx(table, relative: true), GivenTrees.Texts(spec, table), model, table);
    }

    public static TheoryData<LossSpec> Losses => [new MseLossSpec(), new MaeLossSpec(), new HuberLossSpec { Delta = 0.5 }, new QuantileLossSpec { Quantile = 0.9 }];

    [Fact]
    public void Values_OfSeveralTargets_AreAnEnsembleEach()
    {
        var spec = GivenTrees.Regressor(null, "target", "bmi");
        var table = GivenTrees.Sample("diabetes", spec);

        using var model = Given.Train(spec, table);

        model.Signature.Outputs.ShouldHaveSingleItem().Columns.ShouldBe(["target", "bmi"]);
        var texts = GivenTrees.Texts(spec, table);
        texts.Count.ShouldBe(2);
        ShouldBeLightGbms(model.ShouldAgreeWithOnnx(table, relative: true), texts, model, table);
    }

    /// <summary>LightGBM splits at numbers of double precision; a 32-bit input must not change its side.</summary>
    [Fact]
    public void Thresholds_AndTheNumbersBesideThem_GoWhereLightGbmSendsThem()
    {
        var spec = GivenTrees.Regressor(new BoostedTreesSpec { Trees = 60, MinRowsInLeaf = 1 }, "target") with { Preprocessing = new PreprocessingSpec { Numeric = Scaling.None } };
        var table = GivenTrees.Sample("diabetes", spec);
        using var model = Given.Train(spec, table);
        var text = GivenTrees.Texts(spec, table).ShouldHaveSingleItem();

        var splits = ModelText.Trees(text, [0]).SelectMany(tree => tree.Features.Zip(tree.Thresholds)).Distinct().ToList();
        splits.Count.ShouldBeGreaterThan(300);
        var probes = splits.SelectMany(split => new[] { split.Second, float.BitIncrement(split.Second), float.BitDecrement(split.Second) }
            .SelectMany(value => Enumerable.Range(0, model.Preprocessing.Width).Select(feature => (double)(feature == split.First ? value : 0)))).ToArray();
        var columns = model.Preprocessing.Columns;
        var beside = new Table([.. columns.Select((name, feature) => Given.Numbers(name, [.. probes.Where((_, index) => index % columns.Count == feature)]))]);

        ShouldBeLightGbms(model.ShouldAgreeWithOnnx(beside, relative: true), [text], model, beside);
    }

    [Theory]
    [InlineData(2.5, 2.5f)]
    [InlineData(0.1, 0.099999994f)]
    [InlineData(-0.1, -0.1f)]
    [InlineData(1e300, float.MaxValue)]
    [InlineData(1e-300, 0f)]
    [InlineData(-1e-300, -float.Epsilon)]
    public void RoundDown_IsTheLargestFloatThatIsNotAbove(double threshold, float expected) => Tree.RoundDown(threshold).ShouldBe(expected);

    /// <summary>Preprocessing leaves no number missing; whatever else comes to the trees, they know where LightGBM sends it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Missing_InTheEncodedRows_GoesWhereLightGbmSendsIt(bool isMissingInTraining)
    {
        const int Rows = 400, Width = 3;
        var values = Oracle.Normals(3, Rows * Width);
        float[] whole = [.. values.Select(value => (float)value)];
        float[] holes = [.. values.Select((value, index) => index % 5 == 2 ? float.NaN : (float)value)];
        float[] labels = [.. Enumerable.Range(0, Rows).Select(row => whole[row * Width] + (2 * whole[(row * Width) + 1]))];
        var parameters = BoostingParameters.Of(new BoostedTreesSpec(), new MseLossSpec(), classes: 1);
        using var scope = torch.NewDisposeScope();
        var rows = new Samples(torch.tensor(isMissingInTraining ? holes : whole, [Rows, Width]), torch.tensor(labels));
        using var forest = new Forest(new TreeRows(new MemorySamples(rows), labels, null), null, parameters, [0], before: "");
        for (var round = 0; round < 30; round++)
            forest.Grow(parameters).ShouldBeTrue();
        using var ensemble = new TreeEnsemble([.. forest.TreesOf(30)], Width, 1);

        var expected = NativeLightGbm.Predict(forest.Text, 1, holes, Width);

        ensemble.Predict(holes, Rows).Select(value => (double)value).ShouldBe(expected, 1e-5);
        OnnxEnsemble.Run(ensemble, holes, Width).Select(value => (double)value).ShouldBe(expected, 1e-5);
    }

    private static void ShouldBeLightGbms(float[] values, IReadOnlyList<string> texts, TrainedModel model, Table table)
    {
        var target = (NumericEncoding)model.Preprocessing.Target;
        var encoded = model.Preprocessing.Encode(table);
        for (var index = 0; index < texts.Count; index++)
        {
            var (mean, deviation) = target.Moments[index];
            var expected = NativeLightGbm.Predict(texts[index], 1, encoded, model.Preprocessing.Width);
            values.Where((_, place) => place % texts.Count == index).Select(value => (value - mean) / deviation).ShouldBe(expected, 1e-5);
        }
    }

    private static Table WithTarget(Table table, string target)
    {
        var column = table[target]!;
        return table.Select([.. Enumerable.Range(0, table.Rows).Where(row => !column.IsMissing(row))]);
    }
}
