using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>
/// How the learning rate changes as training goes on. Schedules over all epochs count on as many as <see cref="TrainingSpec.Epochs"/>
/// says, though early stopping may come before; they move at each step, not only between epochs.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ConstantScheduleSpec), "constant")]
[JsonDerivedType(typeof(StepScheduleSpec), "step")]
[JsonDerivedType(typeof(CosineScheduleSpec), "cosine")]
[JsonDerivedType(typeof(OneCycleScheduleSpec), "one-cycle")]
[JsonDerivedType(typeof(PlateauScheduleSpec), "reduce-on-plateau")]
public abstract record ScheduleSpec
{
    /// <summary>Epochs in which the learning rate rises to what the schedule says, at least 0; it is multiplied by that share.</summary>
    public int WarmUpEpochs { get; init; }

    /// <summary>The share that it begins with, above 0 and at most 1.</summary>
    public double WarmUpFrom { get; init; } = 0.01;

    internal static ScheduleSpec Read(SpecReader reader)
    {
        ScheduleSpec spec = reader.OneOf("type", "constant", ["constant", "step", "cosine", "one-cycle", "reduce-on-plateau"]) switch
        {
            "step" => new StepScheduleSpec
            {
                EveryEpochs = reader.Integer("everyEpochs", 30, 1),
                Factor = reader.Number("factor", 0.1, 0, 1, openMin: true),
            },
            "cosine" => new CosineScheduleSpec { Minimum = reader.Number("minimum", 0, 0, 1) },
            "one-cycle" => new OneCycleScheduleSpec
            {
                Rising = reader.Number("rising", 0.3, 0, 1, openMin: true, openMax: true),
                From = reader.Number("from", 0.04, 0, 1, openMin: true),
                To = reader.Number("to", 4e-6, 0, 1),
            },
            "reduce-on-plateau" => new PlateauScheduleSpec
            {
                Factor = reader.Number("factor", 0.1, 0, 1, openMin: true, openMax: true),
                Patience = reader.Integer("patience", 10, 0),
                Threshold = reader.Number("threshold", 1e-4, 0, 1, openMax: true),
                Cooldown = reader.Integer("cooldown", 0, 0),
                Minimum = reader.Number("minimum", 0, 0, 1),
            },
            _ => new ConstantScheduleSpec(),
        };
        spec = spec with
        {
            WarmUpEpochs = reader.Integer("warmUpEpochs", 0, 0, 1_000_000),
            WarmUpFrom = reader.Number("warmUpFrom", 0.01, 0, 1, openMin: true),
        };
        reader.End();
        return spec;
    }
}

/// <summary>The same all the time.</summary>
public sealed record ConstantScheduleSpec : ScheduleSpec;

/// <summary>Multiplied by a factor each so many epochs.</summary>
public sealed record StepScheduleSpec : ScheduleSpec
{
    /// <summary>At least 1.</summary>
    public int EveryEpochs { get; init; } = 30;

    /// <summary>Above 0, at most 1.</summary>
    public double Factor { get; init; } = 0.1;
}

/// <summary>Falls along half a cosine from the begin to the last epoch (Loshchilov and Hutter, 2017, without restarts).</summary>
public sealed record CosineScheduleSpec : ScheduleSpec
{
    /// <summary>The share of the learning rate at the end, 0 to 1.</summary>
    public double Minimum { get; init; }
}

/// <summary>Rises along half a cosine to the learning rate, then falls along another (Smith and Topin, 2018; momentum stays).</summary>
public sealed record OneCycleScheduleSpec : ScheduleSpec
{
    /// <summary>The share of all steps in which it rises, above 0 and below 1.</summary>
    public double Rising { get; init; } = 0.3;

    /// <summary>The share of the learning rate at the begin, above 0 and at most 1.</summary>
    public double From { get; init; } = 0.04;

    /// <summary>The share of the learning rate at the last step, 0 to 1.</summary>
    public double To { get; init; } = 4e-6;
}

/// <summary>Multiplied by a factor when the validation loss (without validation rows the training loss) no longer falls.</summary>
public sealed record PlateauScheduleSpec : ScheduleSpec
{
    /// <summary>Above 0, below 1.</summary>
    public double Factor { get; init; } = 0.1;

    /// <summary>Epochs without a better loss that are let pass, at least 0.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>The share by which a loss must be below the best to be better, 0 to 1.</summary>
    public double Threshold { get; init; } = 1e-4;

    /// <summary>Epochs after a reduction that are not counted, at least 0.</summary>
    public int Cooldown { get; init; }

    /// <summary>The share of the learning rate below which it does not fall, 0 to 1.</summary>
    public double Minimum { get; init; }
}
