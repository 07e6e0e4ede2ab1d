using Mlops.Contracts.Spec;
using Mlops.Training.Networks;
using static TorchSharp.torch;

namespace Mlops.Training.Optimization;

/// <summary>What the spec's regularisation does to gradients and weights: penalties in closed form, clipping, the largest norm.</summary>
internal sealed class GradientShaping : IDisposable
{
    // As in PyTorch, so that a norm of 0 divides nothing by 0.
    private const float NormEpsilon = 1e-6f;

    private readonly RegularizationSpec _spec;
    private readonly FlatWeights _weights;
    private readonly float _l1, _l2;
    private readonly Tensor? _mask;

    public GradientShaping(RegularizationSpec spec, FlatWeights weights)
    {
        (_spec, _weights) = (spec, weights);
        (_l1, _l2) = ((float)spec.Penalty.L1, (float)spec.Penalty.L2);
        _mask = _l1 > 0 || _l2 > 0 ? weights.PenaltyMask().DetachFromDisposeScope() : null;
    }

    /// <summary>l1·Σ|w| + l2·Σw² over the penalised weights.</summary>
    public double Penalty()
    {
        if (_mask is null)
            return 0;
        using var scope = NewDisposeScope();
        var penalised = _weights.Values * _mask;
        return (_l1 * penalised.abs().sum().ToNumber()) + (_l2 * penalised.square().sum().ToNumber());
    }

    /// <summary>Adds the penalties' gradients (|w| has 0 at 0), then cuts values, then the norm.</summary>
    public void ShapeGradients()
    {
        if (_mask is null && _spec is { ClipValue: null, ClipNorm: null })
            return;
        using var scope = NewDisposeScope();
        var gradients = _weights.Gradients;
        if (_l1 > 0)
            gradients.addcmul_(_weights.Values.sign(), _mask!, _l1);
        if (_l2 > 0)
            gradients.addcmul_(_weights.Values, _mask!, 2 * _l2);
        if (_spec.ClipValue is { } largest)
            gradients.clamp_(-(float)largest, (float)largest);
        if (_spec.ClipNorm is { } longest)
            gradients.mul_((float)longest / (gradients.norm() + NormEpsilon).clamp_min((float)longest));
    }

    /// <summary>Cuts the weights into each unit to the largest norm.</summary>
    public void ShapeWeights()
    {
        if (_spec.MaxNorm is not { } longest)
            return;
        using var scope = NewDisposeScope();
        foreach (var range in _weights.Ranges.Where(range => range.IsPenalised))
        {
            var window = range.Of(_weights.Values);
            window.copy_(window.renorm(2, 0, (float)longest));
        }
    }

    public void Dispose() => _mask?.Dispose();
}
