using System.Text.Json;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Registry;

public sealed class TrialWorkTests
{
    private static readonly SearchSpec Search = new() { Method = SearchMethod.Random, Trials = 9, Space = new Dictionary<string, RangeSpec>() };

    [Fact]
    public void Ranked_ByHowTheyEnded_ThenByWhatTheyCameTo()
    {
        Trial[] trials =
        [
            Of(1, TrialState.Failed), Of(2, TrialState.Pruned, 0.1, epochs: 5), Of(3, TrialState.Completed, 0.3), Of(4, TrialState.Pruned, 0.4, epochs: 15),
            Of(5, TrialState.Completed, 0.2), Of(6, TrialState.Pruned, 0.2, epochs: 15), Of(7, TrialState.Completed, 0.2), Of(8, TrialState.Failed),
        ];
        TrialWork.Ranked(Search, trials).Select(trial => trial.Number).ShouldBe([5, 7, 3, 6, 4, 2, 1, 8]);
        TrialWork.Ranked(Search with { Metric = SearchMetric.ValidationAccuracy }, trials).Select(trial => trial.Number).ShouldBe([3, 5, 7, 4, 6, 2, 1, 8]);
        TrialWork.WinnerOf(Search, trials.Reverse())!.Number.ShouldBe(5);
    }

    [Fact]
    public void Winner_NothingTrainedToItsEnd_IsWhatGotFarthest() =>
        TrialWork.WinnerOf(Search, [Of(1, TrialState.Pruned, 0.1, epochs: 5), Of(2, TrialState.Pruned, 0.2, epochs: 15), Of(3, TrialState.Failed)])!.Number.ShouldBe(2);

    [Fact]
    public void Winner_AllFailed_IsNone() => TrialWork.WinnerOf(Search, [Of(1, TrialState.Failed)]).ShouldBeNull();

    [Fact]
    public void Subject_OfATrial_TellsItsNumberAndIsNoFolds()
    {
        var run = IdOf(1);
        for (var number = 1; number <= 9; number++)
            TrialWork.NumberOf(Search, run, TrialWork.SubjectOf(run, number)).ShouldBe(number);
        TrialWork.SubjectOf(run, 1).ShouldNotBe(FoldWork.SubjectOf(run, 1, 1));
        TrialWork.SubjectOf(run, 1).ShouldNotBe(TrialWork.SubjectOf(IdOf(2), 1));
    }

    private static Guid IdOf(int number) => new(number, 0, 0, new byte[8]);

    private static Trial Of(int number, TrialState state, double? objective = null, int epochs = 20) => new()
    {
        Id = IdOf(number),
        PipelineRunId = IdOf(0),
        Number = number,
        Settings = new Dictionary<string, JsonElement>(),
        State = state,
        Objective = objective,
        Epochs = epochs,
        Rungs = [],
        CodeVersion = "1",
        StartedAt = default,
        CreatedAt = default,
    };
}
