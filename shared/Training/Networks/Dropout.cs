using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>
/// Switches off a share of units and scales the others up, while training. It draws from a generator of its own:
/// libtorch's global one would mix the chances of trainings that run side by side.
/// </summary>
internal sealed class Dropout(double share, Generator generator)
{
    public Tensor Apply(Tensor input)
    {
        if (share == 0)
            return input;
        var keep = 1 - share;
        using var mask = empty_like(input, requires_grad: false).bernoulli_(keep, generator).div_(keep);
        return input.mul(mask);
    }
}
