using Mlops.Cli;
using Mlops.Client;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Cli;

public sealed class FollowLinesTests
{
    private static readonly Guid Subject = new("019a0000-0000-7000-8000-000000000003");

    [Fact]
    public void Between_RunThatGoesOn_TellsWhatIsNew()
    {
        var queued = Progress("running", null, Stage("queued", 0));
        var leased = Progress("running", null, Stage("leased", 1));
        var again = Progress("running", null, Stage("leased", 2));
        var done = Progress("served", new RunOutcome("deploy-model", null, null, At(9)), Stage("done", 2));

        FollowLines.Between(null, queued).ShouldBe(["10:00:00  train-model     queued"]);
        FollowLines.Between(queued, leased).ShouldBe(["10:00:01  train-model     leased     trainer/a"]);
        FollowLines.Between(leased, leased).ShouldBeEmpty();
        FollowLines.Between(leased, again).ShouldBe(["10:00:01  train-model     leased     trainer/a, attempt 2"]);
        FollowLines.Between(again, done).ShouldBe(["10:00:05  train-model     done       4.0 s", "10:00:09  served"]);
    }

    [Fact]
    public void Between_TrainingThatGoesOn_TellsOnceEachTenth()
    {
        RunProgress At(int epoch, StageCandidate? candidate = null, bool isRefit = false) =>
            Progress("running", null, Stage("leased", 1) with { Progress = new StageProgress(epoch, 50, 0.5, 0.75, 12_345.6, 3.2, candidate, isRefit) });

        FollowLines.Between(At(4), At(5)).ShouldBe(["          train-model     epoch 5 of 50, loss 0.5, validation loss 0.75, 12,346 rows/s, at most 3 s left"]);
        FollowLines.Between(At(5), At(9)).ShouldBeEmpty();
        FollowLines.Between(At(9), At(9, new StageCandidate(2, 4, "mlp"))).Single().ShouldContain("  mlp (2 of 4): epoch 9 of 50,");
        FollowLines.Between(At(9), At(9, isRefit: true)).Single().ShouldContain("  refit: epoch 9 of 50,");
    }

    [Fact]
    public void Between_RunThatFailedAndIsTriedAgain_TellsWhyAndTheAttempt()
    {
        var failed = Progress("failed", new RunOutcome("train-model", "Invalid", "x: a constant column", At(6)), Stage("failed", 1, "x: a constant column"));
        FollowLines.Between(null, failed).ShouldBe(
            ["10:00:05  train-model     failed     x: a constant column", "10:00:06  failed at train-model: x: a constant column"]);
        FollowLines.Between(null, failed with { Attempt = 2 }).First().ShouldBe("          attempt 2 of the run");
    }

    private static RunProgress Progress(string state, RunOutcome? outcome, RunStage stage) => new(Subject, state, 1, outcome, [stage]);

    private static RunStage Stage(string state, int attempts, string? error = null) =>
        new("train-model", Subject, state, attempts, "trainer/a", error, Progress: null, At(0), At(1), At(5));

    private static DateTimeOffset At(int second) => new(2026, 1, 2, 10, 0, second, TimeSpan.Zero);
}
