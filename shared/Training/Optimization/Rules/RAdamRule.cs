using Mlops.Contracts.Spec;

namespace Mlops.Training.Optimization.Rules;

/// <summary>RAdam (Liu et al., 2020, algorithm 2): momentum alone while the variance's length ρ is at most 5 (the paper says 4, PyTorch 5).</summary>
internal readonly record struct RAdamRule : IUpdateRule
{
    private readonly Moments _moments;
    private readonly double _rate, _plain;

    public RAdamRule(RAdamSpec spec, long step, double rate)
    {
        _moments = new Moments(spec, spec.WeightDecay);
        var power = Math.Pow(spec.Beta2, step);
        var longest = (2 / (1 - spec.Beta2)) - 1;
        var length = longest - (2 * step * power / (1 - power));
        var mean = rate / (1 - Math.Pow(spec.Beta1, step));
        if (length > 5)
            _rate = mean * Math.Sqrt((1 - power) * (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
        else
            _plain = mean;
    }

    public static int Memories => 2;

    public T Step<T>(T weight, T gradient, ref T first, ref T second, ref T third)
        where T : struct, IArithmetic<T>
    {
        _moments.Take(weight, gradient, ref first, ref second);
        return weight - (_plain != 0 ? _plain * first : _rate * (first / (T.Sqrt(second) + _moments.Epsilon)));
    }
}
