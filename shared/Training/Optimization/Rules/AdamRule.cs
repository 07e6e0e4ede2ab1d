using Mlops.Contracts.Spec;

namespace Mlops.Training.Optimization.Rules;

/// <summary>Adam (Kingma and Ba, 2015, algorithm 1), and with a decay apart from the gradient AdamW (Loshchilov and Hutter, 2019, algorithm 2).</summary>
internal readonly record struct AdamRule : IUpdateRule
{
    private readonly Moments _moments;
    private readonly double _rate, _root, _shrink;

    public AdamRule(MomentsSpec spec, long step, double rate)
    {
        _moments = new Moments(spec, decay: spec is AdamWSpec ? 0 : spec.WeightDecay);
        _rate = rate / (1 - Math.Pow(spec.Beta1, step));
        _root = 1 / Math.Sqrt(1 - Math.Pow(spec.Beta2, step));
        _shrink = spec is AdamWSpec ? 1 - (rate * spec.WeightDecay) : 1;
    }

    public static int Memories => 2;

    public T Step<T>(T weight, T gradient, ref T first, ref T second, ref T third)
        where T : struct, IArithmetic<T>
    {
        _moments.Take(weight, gradient, ref first, ref second);
        return (_shrink * weight) - (_rate * (first / ((_root * T.Sqrt(second)) + _moments.Epsilon)));
    }
}

/// <summary>What Adam's family remembers: m ← β₁m + (1 − β₁)g and v ← β₂v + (1 − β₂)g².</summary>
internal readonly record struct Moments(double Beta1, double Beta2, double Epsilon, double Decay)
{
    public Moments(MomentsSpec spec, double decay)
        : this(spec.Beta1, spec.Beta2, spec.Epsilon, decay)
    {
    }

    /// <summary>The gradient with its weight decay.</summary>
    public T Take<T>(T weight, T gradient, ref T mean, ref T square)
        where T : struct, IArithmetic<T>
    {
        gradient += Decay * weight;
        mean = (Beta1 * mean) + ((1 - Beta1) * gradient);
        square = (Beta2 * square) + ((1 - Beta2) * (gradient * gradient));
        return gradient;
    }
}
