using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>A copy of the weights to go back to.</summary>
internal sealed class WeightSnapshot(IReadOnlyList<Parameter> parameters) : IDisposable
{
    private readonly Tensor[] _copies = [.. parameters.Select(parameter => empty_like(parameter, requires_grad: false).DetachFromDisposeScope())];

    /// <summary>The copy, in the order of the parameters; without meaning until it is taken.</summary>
    public IReadOnlyList<Tensor> Copies => _copies;

    public void Take()
    {
        using var _ = no_grad();
        for (var index = 0; index < _copies.Length; index++)
            _copies[index].copy_(parameters[index]);
    }

    public void Restore()
    {
        using var _ = no_grad();
        for (var index = 0; index < _copies.Length; index++)
            parameters[index].copy_(_copies[index]);
    }

    public void Dispose()
    {
        foreach (var copy in _copies)
            copy.Dispose();
    }
}
