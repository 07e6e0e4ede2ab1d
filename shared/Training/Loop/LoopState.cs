using Mlops.Training.Checkpoints;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>All that a loop changes from epoch to epoch and that decides how it goes on.</summary>
/// <param name="Weights">The weights.</param>
/// <param name="Buffers">What the network keeps besides.</param>
/// <param name="Best">The weights of the best epoch.</param>
/// <param name="Optimizer">Steps the weights.</param>
/// <param name="Plateau">Lowers the learning rate; null where the schedule does not look at the loss.</param>
/// <param name="Generator">Of the order of rows and of dropout.</param>
internal sealed record LoopState(FlatWeights Weights, IReadOnlyList<Tensor> Buffers, WeightSnapshot Best, Optimizer Optimizer, Plateau? Plateau, Generator Generator) : ICheckpointed
{
    private const string GeneratorName = "generator";

    /// <inheritdoc/>
    public long Bytes => Tensors(withBest: true).Sum(item => item.Values.ByteCount());

    /// <inheritdoc/>
    public TrainingCheckpoint Capture(CheckpointOrigin origin, EpochReport last, EpochReport? kept)
    {
        using var scope = NewDisposeScope();
        var tensors = Tensors(kept is not null).Append((Name: GeneratorName, Values: Generator.get_state())).ToList();
        var header = new CheckpointHeader
        {
            Origin = origin,
            Last = last,
            Kept = kept,
            Steps = Optimizer.Steps,
            Plateau = Plateau?.State,
            Tensors = [.. tensors.Select(item => new CheckpointHeader.TensorEntry(item.Name, item.Values.ByteCount()))],
        };
        return new TrainingCheckpoint(header, CheckpointFile.Write(header, [.. tensors.Select(item => item.Values)]));
    }

    /// <inheritdoc/>
    public void Restore(TrainingCheckpoint checkpoint)
    {
        using var scope = NewDisposeScope();
        var saved = CheckpointFile.TensorsOf(checkpoint.Header, checkpoint.Content);
        foreach (var (name, values) in Tensors(checkpoint.Header.Kept is not null))
            values.WriteBytes(saved[name].Span);
        Optimizer.Steps = checkpoint.Header.Steps;
        Plateau?.State = checkpoint.Header.Plateau!;
        var chance = Generator.get_state();
        chance.WriteBytes(saved[GeneratorName].Span);
        Generator.set_state(chance);
    }

    private IEnumerable<(string Name, Tensor Values)> Tensors(bool withBest) =>
    [
        ("weights", Weights.Values),
        .. Buffers.Select((buffer, index) => ($"buffers/{index}", buffer)),
        .. withBest ? Best.Copies.Select((copy, index) => ($"best/{index}", copy)) : [],
        .. Optimizer.Memory,
    ];
}
