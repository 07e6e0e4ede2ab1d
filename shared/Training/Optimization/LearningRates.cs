using Mlops.Contracts.Spec;

namespace Mlops.Training.Optimization;

/// <summary>The learning rate at each step.</summary>
/// <param name="spec">The largest rate, and how it changes.</param>
/// <param name="stepsPerEpoch">At least 1.</param>
/// <param name="epochs">As many as training may have.</param>
internal sealed class LearningRates(OptimizerSpec spec, long stepsPerEpoch, int epochs)
{
    private readonly double _total = (double)stepsPerEpoch * epochs;

    /// <summary>What a plateau has done so far; null where the schedule looks at none.</summary>
    public Plateau? Plateau { get; } = spec.Schedule is PlateauScheduleSpec plateau ? new Plateau(plateau) : null;

    /// <summary>The rate of a step.</summary>
    /// <param name="step">0, 1, 2 …</param>
    public double At(long step) => spec.LearningRate * WarmUp(step) * spec.Schedule switch
    {
        StepScheduleSpec stairs => Math.Pow(stairs.Factor, step / stepsPerEpoch / stairs.EveryEpochs),
        CosineScheduleSpec cosine => Cosine(1, cosine.Minimum, step / _total),
        OneCycleScheduleSpec cycle => OneCycle(cycle, step),
        PlateauScheduleSpec => Plateau!.State.Share,
        _ => 1,
    };

    private double WarmUp(long step)
    {
        var steps = (double)spec.Schedule.WarmUpEpochs * stepsPerEpoch;
        return step >= steps ? 1 : spec.Schedule.WarmUpFrom + ((1 - spec.Schedule.WarmUpFrom) * step / steps);
    }

    // The last step that rises is one before its share, and the last of all has the last rate: so PyTorch counts.
    private double OneCycle(OneCycleScheduleSpec cycle, long step)
    {
        var (top, end) = (Math.Max(0, (cycle.Rising * _total) - 1), _total - 1);
        return step < top ? Cosine(cycle.From, 1, step / top)
            : end > top ? Cosine(1, cycle.To, (step - top) / (end - top))
            : 1;
    }

    private static double Cosine(double from, double to, double share) => to + ((from - to) * (1 + Math.Cos(Math.PI * Math.Min(share, 1))) / 2);
}
