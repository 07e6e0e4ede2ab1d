using Mlops.Training.Checkpoints;
using Mlops.Training.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>All that a loop changes from epoch to epoch and that decides how it goes on.</summary>
/// <param name="Parameters">The weights.</param>
/// <param name="Best">The weights of the best epoch.</param>
/// <param name="Optimizer">Steps the weights.</param>
/// <param name="Generator">Of the order of rows and of dropout.</param>
internal sealed record LoopState(IReadOnlyList<Parameter> Parameters, WeightSnapshot Best, optim.Optimizer Optimizer, Generator Generator)
{
    private const string GeneratorName = "generator";

    /// <summary>A checkpoint's bytes, about.</summary>
    public long Bytes => Tensors(withBest: true).Sum(item => item.Values.ByteCount());

    /// <summary>The state as it is.</summary>
    /// <param name="origin">Which training it is.</param>
    /// <param name="last">The last epoch.</param>
    /// <param name="kept">The best epoch; null without early stopping.</param>
    public TrainingCheckpoint Capture(CheckpointOrigin origin, EpochReport last, EpochReport? kept)
    {
        using var scope = NewDisposeScope();
        var tensors = Tensors(kept is not null).Append((Name: GeneratorName, Values: Generator.get_state())).ToList();
        var header = new CheckpointHeader
        {
            Origin = origin,
            Last = last,
            Kept = kept,
            Steps = OptimizerMemory.Steps(Optimizer),
            Tensors = [.. tensors.Select(item => new CheckpointHeader.TensorEntry(item.Name, item.Values.ByteCount()))],
        };
        return new TrainingCheckpoint(header, CheckpointFile.Write(header, [.. tensors.Select(item => item.Values)]));
    }

    /// <summary>Sets everything to what it was. The optimiser must be new.</summary>
    public void Restore(TrainingCheckpoint checkpoint)
    {
        using var scope = NewDisposeScope();
        var saved = CheckpointFile.TensorsOf(checkpoint.Header, checkpoint.Content);
        OptimizerMemory.Resume(Optimizer, Parameters, checkpoint.Header.Steps);
        foreach (var (name, values) in Tensors(checkpoint.Header.Kept is not null))
            values.WriteBytes(saved[name].Span);
        var chance = Generator.get_state();
        chance.WriteBytes(saved[GeneratorName].Span);
        Generator.set_state(chance);
        // Gradients are added to what is there: to zeros after a step, so that −0 becomes 0; a first gradient is taken as it is.
        foreach (var parameter in Parameters)
            parameter.grad = zeros_like(parameter, requires_grad: false);
    }

    private IEnumerable<(string Name, Tensor Values)> Tensors(bool withBest) =>
    [
        .. Parameters.Select((parameter, index) => ($"weights/{index}", (Tensor)parameter)),
        .. withBest ? Best.Copies.Select((copy, index) => ($"best/{index}", copy)) : [],
        .. OptimizerMemory.Tensors(Optimizer),
    ];
}
