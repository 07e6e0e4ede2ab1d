using Mlops.Contracts.Spec;

namespace Mlops.Training.Optimization.Rules;

/// <summary>Adagrad (Duchi, Hazan and Singer, 2011).</summary>
internal readonly record struct AdagradRule : IUpdateRule
{
    private readonly double _rate, _epsilon, _decay;

    public AdagradRule(AdagradSpec spec, long step, double rate) =>
        (_rate, _epsilon, _decay) = (rate / (1 + ((step - 1) * spec.LearningRateDecay)), spec.Epsilon, spec.WeightDecay);

    public static int Memories => 1;

    public T Step<T>(T weight, T gradient, ref T first, ref T second, ref T third)
        where T : struct, IArithmetic<T>
    {
        gradient += _decay * weight;
        first += gradient * gradient;
        return weight - (_rate * (gradient / (T.Sqrt(first) + _epsilon)));
    }
}
