using Mlops.Contracts.Spec;

namespace Mlops.Training.Optimization.Rules;

/// <summary>NAdam (Dozat, 2016), with the momentum's schedule as in PyTorch's documentation.</summary>
internal readonly record struct NAdamRule : IUpdateRule
{
    private readonly Moments _moments;
    private readonly double _gradientRate, _meanRate, _root;

    /// <summary>The rule of a step.</summary>
    /// <param name="spec">The optimiser.</param>
    /// <param name="step">1, 2, 3 …</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="product">Of the momenta of all steps up to this.</param>
    public NAdamRule(NAdamSpec spec, long step, double rate, double product)
    {
        var (now, next) = (MomentumAt(spec, step), MomentumAt(spec, step + 1));
        _moments = new Moments(spec, spec.WeightDecay);
        _root = 1 / Math.Sqrt(1 - Math.Pow(spec.Beta2, step));
        _gradientRate = rate * (1 - now) / (1 - product);
        _meanRate = rate * next / (1 - (product * next));
    }

    public static int Memories => 2;

    public static double MomentumAt(NAdamSpec spec, long step) => spec.Beta1 * (1 - (0.5 * Math.Pow(0.96, step * spec.MomentumDecay)));

    public T Step<T>(T weight, T gradient, ref T first, ref T second, ref T third)
        where T : struct, IArithmetic<T>
    {
        gradient = _moments.Take(weight, gradient, ref first, ref second);
        return weight - (((_gradientRate * gradient) + (_meanRate * first)) / ((_root * T.Sqrt(second)) + _moments.Epsilon));
    }
}
