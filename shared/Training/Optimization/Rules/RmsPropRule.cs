using Mlops.Contracts.Spec;

namespace Mlops.Training.Optimization.Rules;

/// <summary>RMSprop (Hinton, 2012), centred as Graves (2013) does, with momentum as PyTorch defines it.</summary>
internal readonly record struct RmsPropRule(RmsPropSpec Spec, double Rate) : IUpdateRule
{
    private readonly double _alpha = Spec.Alpha, _epsilon = Spec.Epsilon, _momentum = Spec.Momentum, _decay = Spec.WeightDecay;
    private readonly bool _centered = Spec.Centered;

    public static int Memories => 3;

    public T Step<T>(T weight, T gradient, ref T first, ref T second, ref T third)
        where T : struct, IArithmetic<T>
    {
        gradient += _decay * weight;
        first = (_alpha * first) + ((1 - _alpha) * (gradient * gradient));
        if (_centered)
            second = (_alpha * second) + ((1 - _alpha) * gradient);
        var direction = gradient / (T.Sqrt(_centered ? first - (second * second) : first) + _epsilon);
        if (_momentum > 0)
            third = direction = (_momentum * third) + direction;
        return weight - (Rate * direction);
    }
}
