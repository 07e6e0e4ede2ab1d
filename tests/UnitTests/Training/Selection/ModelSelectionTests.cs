using Microsoft.Extensions.Time.Testing;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Features;
using Mlops.Training.Heads;
using Mlops.Training.Selection;
using Mlops.Training.Trees;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training.Selection;

[Collection(TrainingCollection.Name)]
public sealed class ModelSelectionTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(60);
    private static readonly Table Rows = Given.Mixed(200, seed: 1);
    private static readonly PipelineSpec Spec = Given.Classification("species") with { Model = new AutoModelSpec() };
    private static readonly LinearSpec Linear = new();
    private static readonly MlpSpec Small = new() { Hidden = [4] }, Large = new() { Hidden = [32] };

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Run_KeepsTheLowestValidationLoss_AndTellsEachInItsTurn_ThenTheKeptOnesEpochs()
    {
        var told = new List<EpochReport>();
        using var picked = Run(Fake((Linear, 0.5), (Small, 0.3), (Large, 0.4)), told);

        picked.Model.ShouldBe(Small);
        told.Select(report => ($"{report.Candidate}", report.ValidationLoss)).ShouldBe([("linear (1 of 3)", 0.5), ("mlp (2 of 3)", 0.3), ("mlp (3 of 3)", 0.4), ("", 0.3)]);
        picked.Candidates.Select(candidate => (candidate.Model, candidate.ValidationLoss, candidate.WhyNot))
            .ShouldBe([(Linear, 0.5, null), (Small, 0.3, null), (Large, 0.4, null)]);
    }

    [Fact]
    public void Run_EqualLosses_KeepsTheCheaper()
    {
        using var picked = Run(Fake((Linear, 0.5), (Small, 0.5)));

        picked.Model.ShouldBe(Linear);
    }

    [Fact]
    public void Run_BudgetUsedUp_TriesNoOther_AndGivesUpTheOneThatRuns()
    {
        using var picked = Run((spec, stop) =>
        {
            if (spec.Model is MlpSpec)
            {
                _time.Advance(Budget);
                stop.ThrowIfCancellationRequested();
            }
            return 0.5;
        });

        picked.Model.ShouldBe(Linear);
        picked.Candidates.Skip(1).Select(candidate => (candidate.Epoch, candidate.WhyNot)).ShouldBe([(null, "the time budget was used up"), (null, "the time budget was used up")]);
    }

    [Fact]
    public void Run_FirstTakesLongerThanTheBudget_IsTrainedToItsEnd()
    {
        using var picked = Run((_, stop) =>
        {
            _time.Advance(Budget);
            stop.ThrowIfCancellationRequested();
            return 0.5;
        });

        picked.Model.ShouldBe(Linear);
    }

    [Fact]
    public void Run_CandidateFails_AnotherIsPicked()
    {
        using var picked = Run((spec, _) => spec.Model is LinearSpec ? throw Fault.Invalid("loss", "no number") : 0.5);

        picked.Model.ShouldBe(Small);
        picked.Candidates[0].WhyNot.ShouldBe("loss: no number");
    }

    [Fact]
    public void Run_AllFail_ThrowsWhatTheFirstSays() =>
        Should.Throw<Fault>(() => Run((spec, _) => throw Fault.Invalid("loss", $"no number in {spec.Model.Type}"))).Message.ShouldBe("loss: no number in linear");

    [Fact]
    public void Run_Cancelled_Ends()
    {
        using var cancel = new CancellationTokenSource();

        Should.Throw<OperationCanceledException>(() => Run(
            (_, stop) =>
            {
                cancel.Cancel();
                stop.ThrowIfCancellationRequested();
                return 0.5;
            },
            cancellation: cancel.Token));
    }

    [Fact]
    public void Candidates_SuitColumnsLossAndOptimizer()
    {
        var reviews = new Table([Given.Texts("review", "good and cheap", "bad and dear", "neither good nor bad"), Given.Texts("species", "x", "y", "x")]);

        Names(Spec, Rows).ShouldBe(["linear", "boosted-trees", "mlp", "residual-mlp"]);
        Names(Spec with { Loss = new FocalLossSpec() }, Rows).ShouldBe(["linear", "mlp", "residual-mlp"]);
        Names(Spec, reviews).ShouldBe(["text-bag", "text-bag"]);
        Names(Spec with { Preprocessing = new PreprocessingSpec { Encoding = TextEncoding.Hash } }, reviews).ShouldNotContain("text-bag");
        Of(Spec with { Optimizer = new LbfgsSpec() }, Rows).OfType<NetworkSpec>().ShouldAllBe(network => network.Dropout == 0);
    }

    [Fact]
    public void Train_WithoutAnArchitecture_PicksOneWhoseModelIsThatOfTrainingItAlone()
    {
        var (train, validation) = (Rows.Select([.. Enumerable.Range(0, 150)]), Rows.Select([.. Enumerable.Range(150, 50)]));
        var spec = Spec with { Training = Spec.Training with { EarlyStopping = new EarlyStoppingSpec() } };

        using var picked = Given.Train(spec, train, validation);
        using var alone = Given.Train(spec with { Model = picked.Model }, train, validation);

        picked.Candidates.Count.ShouldBe(4);
        picked.Candidates.Single(candidate => candidate.Model == picked.Model).ValidationLoss.ShouldBe(picked.Candidates.Min(candidate => candidate.ValidationLoss));
        picked.ToOnnx().ShouldBe(alone.ToOnnx());
    }

    private static IReadOnlyList<ModelSpec> Of(PipelineSpec spec, Table table) => Candidates.Of(spec, Preprocessing.Fit(table, spec));

    private static IEnumerable<string> Names(PipelineSpec spec, Table table) => Of(spec, table).Select(model => model.Type);

    private static Func<PipelineSpec, CancellationToken, double> Fake(params (ModelSpec Model, double Loss)[] losses) =>
        (spec, _) => losses.FirstOrDefault(loss => loss.Model == spec.Model, (spec.Model, 9)).Item2;

    /// <summary>Picks among models that were never trained, each with the validation loss that it is given.</summary>
    private TrainedModel Run(Func<PipelineSpec, CancellationToken, double> lossOf, List<EpochReport>? told = null, CancellationToken? cancellation = null) =>
        new ModelSelection(_time, (model, reports, stop) =>
        {
            var spec = Spec with { Model = model };
            var kept = new EpochReport { Epoch = 1, TrainingLoss = 1, ValidationLoss = lossOf(spec, stop), Elapsed = TimeSpan.Zero };
            reports.Report(kept);
            var preprocessing = Preprocessing.Fit(Rows, spec);
            var nothing = new TreeEnsemble([], preprocessing.Width, preprocessing.Target.Width);
            var input = new TrainingInput { Spec = spec, Train = Rows, Validation = Rows };
            return new TrainedModel(nothing, preprocessing, Head.Of(preprocessing.Target, spec.Loss), input, kept, 1, TimeSpan.Zero) { Device = "cpu", Backend = "none" };
        }).Run([Linear, Small, Large], Budget, told is null ? null : new List(told), cancellation ?? TestContext.Current.CancellationToken);

    private sealed class List(List<EpochReport> reports) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => reports.Add(value);
    }
}
