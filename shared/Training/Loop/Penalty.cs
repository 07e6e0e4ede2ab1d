using Mlops.Contracts.Spec;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>L1 and L2 penalties over weights: l1·Σ|w| + l2·Σw².</summary>
internal sealed class Penalty(RegularizationSpec spec, IEnumerable<Parameter> weights)
{
    private readonly Parameter[] _weights = [.. weights];

    public Tensor AddTo(Tensor loss)
    {
        if (spec.L1 == 0 && spec.L2 == 0)
            return loss;
        foreach (var weight in _weights)
        {
            if (spec.L1 > 0)
                loss = loss + (spec.L1 * weight.abs().sum());
            if (spec.L2 > 0)
                loss = loss + (spec.L2 * weight.square().sum());
        }
        return loss;
    }
}
