using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Facts;
using Mlops.Testing;
using Mlops.Trainer;
using Mlops.Training;
using Mlops.Training.Checkpoints;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Trainer;

/// <summary>A training that goes on tells the epochs again that its checkpoint does not stand for, and no others.</summary>
public sealed class MetricRecorderTests
{
    private static readonly Guid Work = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), Other = new(2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    private static readonly string[] Told = ["refit/train/loss 1", "refit/train/loss 2", "refit/train/loss 3", "train/loss 1", "train/loss 2", "train/loss 3", "train/loss 4"];

    [Fact]
    public async Task Untold_AreTheEpochsAfterTheCheckpoint_AndTheRefitOfAFirstFit()
    {
        await using var registry = await TestRegistry.SqliteAsync();
        await registry.Store.WriteAsync(
            (db, _) =>
            {
                foreach (var work in new[] { Work, Other })
                    db.MetricPoints.AddRange(Told.Select(point => point.Split(' ')).Select(point => new MetricPoint { TrainingRunId = work, Name = point[0], Step = int.Parse(point[1], null), Value = 1 }));
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken);

        (await UntoldAsync(null)).ShouldBe(Told);
        (await UntoldAsync(At(2, isRefit: false))).ShouldBe(["refit/train/loss 1", "refit/train/loss 2", "refit/train/loss 3", "train/loss 3", "train/loss 4"]);
        (await UntoldAsync(At(2, isRefit: true))).ShouldBe(["refit/train/loss 3"]);

        Task<List<string>> UntoldAsync(TrainingCheckpoint? from) => registry.Store.ReadAsync(
            async (db, token) => (await MetricRecorder.Untold(db, Work, from).OrderBy(point => point.Name).ThenBy(point => point.Step).ToListAsync(token)).ConvertAll(point => $"{point.Name} {point.Step}"),
            TestContext.Current.CancellationToken);
    }

    private static TrainingCheckpoint At(int epoch, bool isRefit)
    {
        var last = new EpochReport { Epoch = epoch, TrainingLoss = 1, Elapsed = TimeSpan.Zero };
        var origin = new CheckpointOrigin { Spec = "", Rows = "", Backend = "", FirstFit = isRefit ? new FirstFit(last with { Epoch = 3 }, 4, 100, TimeSpan.Zero) : null };
        return new TrainingCheckpoint(new CheckpointHeader { Origin = origin, Last = last, Steps = epoch, Tensors = [] }, default);
    }
}
