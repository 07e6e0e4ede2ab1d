using System.Diagnostics;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using Device = Mlops.Contracts.Spec.Device;

namespace Mlops.UnitTests.Training;

/// <summary>A long training holds as much at its end as at its begin.</summary>
[Collection(AloneCollection.Name)]
public sealed class FlatMemoryTests
{
    private const long MostGrowth = 48 << 20;

    private static readonly PipelineSpec Spec = Given.Classification("species") with { Model = new MlpSpec { Hidden = [4], Dropout = 0.1 } };

    private static readonly Dictionary<string, (PipelineSpec Spec, int Epochs, RowMemory? Memory)> Cases = new()
    {
        ["adam, batches"] = (Spec with { Optimizer = new AdamSpec { LearningRate = 1e-4 }, Regularization = new RegularizationSpec { L1 = 1e-6, ClipNorm = 1, MaxNorm = 5 } }, 10_000, null),
        ["sgd, one batch, balanced classes"] = (
            Spec with { Optimizer = new SgdSpec { LearningRate = 1e-4, Momentum = 0.9, Schedule = new CosineScheduleSpec() }, Loss = new CrossEntropyLossSpec { ClassWeights = new ClassWeightsSpec { Balanced = true } }, Training = Spec.Training with { BatchSize = 64 } },
            10_000, null),
        // It would converge: no change is too small for it.
        ["lbfgs"] = (Spec with { Model = new MlpSpec { Hidden = [4], Dropout = 0 }, Optimizer = new LbfgsSpec { LearningRate = 1e-3, LineSearch = LineSearch.None, GradientTolerance = 0, ChangeTolerance = 0 } }, 2_000, null),
        ["rows in a file"] = (Spec with { Optimizer = new AdamSpec { LearningRate = 1e-4 }, Training = Spec.Training with { BatchSize = 16 } }, 2_000, new RowMemory(3_000, Path.GetTempPath())),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Train_ManyEpochs_KeepsAsManyTensorsAsAtTheBegin(string name)
    {
        var (spec, epochs, memory) = Cases[name];
        spec = spec with { Training = spec.Training with { Epochs = epochs, EarlyStopping = new EarlyStoppingSpec { Patience = epochs }, Device = Device.Cpu } };
        var live = new List<(int Epoch, long InScopes, long All, long Memory)>();

        // Each epoch is told at once, since early stopping looks at it: no loss waits to be read meanwhile.
        using var model = Given.Train(spec, Given.Mixed(48, seed: 3), Given.Mixed(20, seed: 9), report =>
        {
            if (report.Epoch == 100 || report.Epoch % (epochs / 10) == 0)
                live.Add((report.Epoch, DisposeScopeManager.Statistics.ThreadTotalLiveCount, Tensor.TotalCount, WorkingSet()));
        }, memory: memory);

        model.Epochs.ShouldBe(epochs);
        live.Count.ShouldBe(11);
        live.Select(sample => sample.InScopes).Distinct().ShouldHaveSingleItem();
        // Of the whole process, in which tensors of tests before may still wait for their end.
        (live[^1].All - live[0].All).ShouldBeLessThan(epochs / 10);
        // What libtorch holds besides has no count; ten bytes an epoch would not show, a tensor would.
        (live[^1].Memory - live[1].Memory).ShouldBeLessThan(MostGrowth);
    }

    private static long WorkingSet()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
