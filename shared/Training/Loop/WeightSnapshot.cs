using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>A copy of the weights to go back to.</summary>
internal sealed class WeightSnapshot(IReadOnlyList<Tensor> weights) : IDisposable
{
    private readonly Tensor[] _copies = [.. weights.Select(values => empty_like(values).DetachFromDisposeScope())];

    /// <summary>The copies, in the order of the weights; without meaning until it is taken.</summary>
    public IReadOnlyList<Tensor> Copies => _copies;

    public void Take()
    {
        foreach (var (copy, values) in _copies.Zip(weights))
            copy.copy_(values);
    }

    public void Restore()
    {
        foreach (var (copy, values) in _copies.Zip(weights))
            values.copy_(copy);
    }

    public void Dispose()
    {
        foreach (var copy in _copies)
            copy.Dispose();
    }
}
