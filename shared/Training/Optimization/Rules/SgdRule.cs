namespace Mlops.Training.Optimization.Rules;

/// <summary>w ← w − lr·g.</summary>
internal readonly record struct GradientRule(double Rate, double Decay) : IUpdateRule
{
    public static int Memories => 0;

    public T Step<T>(T weight, T gradient, ref T first, ref T second, ref T third)
        where T : struct, IArithmetic<T>
        => weight - (Rate * (gradient + (Decay * weight)));
}

/// <summary>v ← μv + g; w ← w − lr·v, or with Nesterov's look-ahead w ← w − lr·(g + μv).</summary>
internal readonly record struct MomentumRule(double Rate, double Decay, double Momentum, bool Nesterov) : IUpdateRule
{
    public static int Memories => 1;

    public T Step<T>(T weight, T gradient, ref T first, ref T second, ref T third)
        where T : struct, IArithmetic<T>
    {
        gradient += Decay * weight;
        first = (Momentum * first) + gradient;
        return weight - (Rate * (Nesterov ? gradient + (Momentum * first) : first));
    }
}
