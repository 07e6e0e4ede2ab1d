using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Trees;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training.Trees;

/// <summary>What is grown, against what follows by hand from the definition of gradient boosting.</summary>
[Collection(TrainingCollection.Name)]
public sealed class TreeGrowingTests
{
    private static readonly BoostedTreesSpec OneSplit = new() { Trees = 1, Leaves = 2, MinRowsInLeaf = 1, LearningRate = 0.5 };

    /// <summary>
    /// Three rows each of x = 1, 2, 3 with y = 0, 1, 5. From the mean, 2, the gradients p − y sum to 6, 3 and −9 over 3 rows
    /// each: G²/(H + λ) is largest for {1, 2} | {3}. A leaf is worth −G/(H + λ), with |G| less by α, times the rate.
    /// </summary>
    [Theory]
    [InlineData(0, 0, 2 - (0.5 * 9 / 6), 2 + (0.5 * 9 / 3))]
    [InlineData(0, 1, 2 - (0.5 * 9 / 7), 2 + (0.5 * 9 / 4))]
    [InlineData(3, 1, 2 - (0.5 * 6 / 7), 2 + (0.5 * 6 / 4))]
    public void OneSplit_OfNumbers_IsThatOfTheLargestGain(double l1, double l2, double left, double right)
    {
        var spec = GivenTrees.Regressor(OneSplit with { L1 = l1, L2 = l2 }, "y") with { Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = TargetScaling.None } };
        var table = new Table([Given.Numbers("x", 1, 1, 1, 2, 2, 2, 3, 3, 3), Given.Numbers("y", 0, 0, 0, 1, 1, 1, 5, 5, 5)]);

        using var model = Given.Train(spec, table);

        model.Predict(new Table([Given.Numbers("x", -100, 2.49, 2.51, 100)])).ShouldBe([(float)left, (float)left, (float)right, (float)right], 1e-6);
    }

    /// <summary>One of four rows of x = 0 is positive, three of x = 1: from p = ½, G = ±1 and H = 4·¼.</summary>
    [Fact]
    public void OneSplit_OfTwoClasses_MovesTheLogit()
    {
        var spec = GivenTrees.Classifier("y", OneSplit with { L2 = 1 });
        var table = new Table([Given.Numbers("x", 0, 0, 0, 0, 1, 1, 1, 1), Given.Texts("y", "a", "b", "a", "a", "b", "b", "a", "b")]);

        using var model = Given.Train(spec, table);

        var less = (float)(1 / (1 + Math.Exp(0.5 / 2)));
        model.Predict(new Table([Given.Numbers("x", 0, 1)])).ShouldBe([1 - less, less, less, 1 - less], 1e-6);
    }

    [Fact]
    public void ClassWeights_CountAsRowsThatAreThereSeveralTimes()
    {
        var spec = GivenTrees.Classifier("y", OneSplit);
        var table = new Table([Given.Numbers("x", 0, 0, 0, 0, 1, 1, 1, 1), Given.Texts("y", "a", "b", "a", "a", "b", "b", "a", "b")]);
        var weighted = spec with { Loss = new CrossEntropyLossSpec { ClassWeights = new ClassWeightsSpec { Of = new Dictionary<string, double> { ["b"] = 3 } } } };

        using var counted = Given.Train(weighted, table);
        using var repeated = Given.Train(spec, table.Select([0, 1, 1, 1, 2, 3, 4, 4, 4, 5, 5, 5, 6, 7, 7, 7]));

        counted.Predict(table).ShouldBe(repeated.Predict(table), 1e-6);
        counted.Kept.TrainingLoss.ShouldBe(repeated.Kept.TrainingLoss, 1e-6);
    }

    [Fact]
    public void Train_EarlyStopping_GoesBackToTheBestRound()
    {
        var spec = Stopping(GivenTrees.Classifier("species", new BoostedTreesSpec { Trees = 500 }), patience: 10);
        var reports = new List<EpochReport>();
        var (train, validation) = (Given.Mixed(150, seed: 3), Given.Mixed(60, seed: 9));

        using var model = Given.Train(spec, train, validation, reports.Add);

        var best = reports.MinBy(report => report.ValidationLoss)!;
        model.Kept.ShouldBe(best);
        model.Epochs.ShouldBe(best.Epoch + 10);
        reports.Select(report => report.Epoch).ShouldBe(Enumerable.Range(1, model.Epochs));
        reports[^1].TrainingLoss.ShouldBeLessThan(best.TrainingLoss);
        // Of the model that was kept, the losses that were told of that round.
        LogLoss(model, validation).ShouldBe(best.ValidationLoss!.Value, 1e-5);
        LogLoss(model, train).ShouldBe(best.TrainingLoss, 1e-5);
        (best.ValidationAccuracy!.Value * validation.Rows).ShouldBe(Rights(model, validation), 1e-4);
    }

    [Fact]
    public void Train_WithoutAnythingToSplit_AnswersTheMean()
    {
        var table = new Table([Given.Numbers("x", 1, 2, 3, 4), Given.Numbers("y", 1, 2, 3, 6)]);
        var reports = new List<EpochReport>();

        using var model = Given.Train(GivenTrees.Regressor(null, "y"), table, progress: reports.Add);

        model.Predict(table).ShouldBe([3, 3, 3, 3], 1e-6);
        (model.Epochs, reports.Count).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Train_SameSeed_GivesTheSameBytesEvenSideBySide()
    {
        byte[] Run(int seed)
        {
            var spec = GivenTrees.Classifier("species", Chance);
            using var model = Given.Train(spec with { Training = spec.Training with { Seed = seed } }, Given.Mixed(300, seed: 3));
            return model.ToOnnx();
        }

        var stop = TestContext.Current.CancellationToken;
        var runs = await Task.WhenAll(Task.Run(() => Run(1), stop), Task.Run(() => Run(1), stop), Task.Run(() => Run(2), stop));

        runs[1].ShouldBe(runs[0]);
        runs[2].ShouldNotBe(runs[0]);
    }

    [Fact]
    public void Train_SaysWhatGrewTheTrees()
    {
        using var model = Given.Train(GivenTrees.Classifier("species"), Given.Mixed(60, seed: 3));

        (model.Device, model.Backend).ShouldBe(("cpu", LightGbm.Backend));
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Mlops.UnitTests.deps.json")).ShouldContain($"\"LightGBM/{LightGbm.Version}\"");
    }

    // Squares of 1e30 leave the range of a float.
    [Fact]
    public void Train_LossThatIsNoNumber_NamesTheSettingOfTrees()
    {
        var spec = GivenTrees.Regressor(null, "y") with { Preprocessing = new PreprocessingSpec { Target = TargetScaling.None } };
        var table = new Table([Given.Numbers("x", 1, 2, 3, 4), Given.Numbers("y", -1e30, 1e30, -1e30, 1e30)]);

        Should.Throw<Fault>(() => Given.Train(spec, table)).Message
            .ShouldBe("training.loss: the loss became infinite at epoch 1; a smaller model.learningRate (now 0.05) is accepted");
    }

    [Fact]
    public void Train_Cancelled_Ends()
    {
        using var stop = new CancellationTokenSource();

        Should.Throw<OperationCanceledException>(() => Given.Train(
            GivenTrees.Classifier("species", new BoostedTreesSpec { Trees = 100_000, MinRowsInLeaf = 1 }), Given.Mixed(100, seed: 3), progress: _ => stop.Cancel(), cancellation: stop.Token));
    }

    internal static BoostedTreesSpec Chance => new() { Trees = 60, FeatureFraction = 0.6, BaggingFraction = 0.7, MinRowsInLeaf = 5 };

    internal static PipelineSpec Stopping(PipelineSpec spec, int patience) =>
        spec with { Training = spec.Training with { EarlyStopping = new EarlyStoppingSpec { Patience = patience } } };

    private static double LogLoss(TrainedModel model, Table table) => Answers(model, table).Average(row => -Math.Log(row.Probabilities[row.Code]));

    private static int Rights(TrainedModel model, Table table) => Answers(model, table).Count(row => row.Probabilities.Max() == row.Probabilities[row.Code]);

    private static IEnumerable<(int Code, float[] Probabilities)> Answers(TrainedModel model, Table table)
    {
        var classes = model.Signature.Classes.ToList();
        var target = (CategoricalColumn)table["species"]!;
        return model.Predict(table).Chunk(classes.Count).Select((row, index) => (classes.IndexOf(target.TextAt(index)!), row));
    }
}
