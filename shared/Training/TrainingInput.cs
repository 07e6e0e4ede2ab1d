using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Checkpoints;

namespace Mlops.Training;

/// <summary>What a model is trained on.</summary>
public sealed record TrainingInput
{
    /// <summary>Checked, with every default written out.</summary>
    public required PipelineSpec Spec { get; init; }

    /// <summary>The rows that preprocessing and weights are fitted on; at least one.</summary>
    public required IRows Train { get; init; }

    /// <summary>The rows that early stopping looks at; may have no rows.</summary>
    public required IRows Validation { get; init; }

    /// <summary>
    /// Both, in the data set's order, for the refit that the spec may want (<see cref="TrainingSpec.Refit"/>); null where there is
    /// to be none. There is none with milestones either.
    /// </summary>
    public IRows? Together { get; init; }

    /// <summary>How much memory the rows may take; null where they may take what they need.</summary>
    public RowMemory? Memory { get; init; }

    /// <summary>How the training outlives its process; null if it need not.</summary>
    public Checkpointing? Checkpointing { get; init; }

    /// <summary>Where it may be ended early; null for nowhere. Not looked at where the architecture is picked.</summary>
    public Milestones? Milestones { get; init; }

    /// <summary>What is known already that a person should know; it joins the model's notes.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Of a refit, what came before it.</summary>
    internal FirstFit? FirstFit { get; init; }

    /// <summary>Whether a refit follows once the best epoch is known.</summary>
    internal bool IsRefitted => Together is not null && Milestones is null && Validation.Rows > 0 && Spec.Training.Refits(Together.Rows);

    /// <summary>Of a refit, how many epochs it has.</summary>
    internal int? RefitEpochs { get; init; }

    /// <summary>The refit to all rows: it goes as far as the best epoch did.</summary>
    internal TrainingInput After(FirstFit first)
    {
        var (epochs, spec) = (first.Kept.Epoch, Spec with { Training = Spec.Training with { EarlyStopping = null } });
        // Steps of one size end somewhere about the minimum, and no validation rows are left to tell where it is near. Those that
        // shrink to nothing along a cosine come to rest; over twice the epochs they are as long in sum.
        if (spec.Model is NetworkSpec && spec.Optimizer is FirstOrderSpec { Schedule: ConstantScheduleSpec { WarmUpEpochs: 0 } })
        {
            epochs *= 2;
            spec = spec with { Optimizer = spec.Optimizer with { Schedule = new CosineScheduleSpec() }, Training = spec.Training with { Epochs = epochs } };
        }
        return this with
        {
            Spec = spec,
            Train = Together!,
            Validation = Validation.Blocks(1).First().Select([]),
            Milestones = new Milestones { Epochs = [epochs], GoesOn = (_, _) => false },
            FirstFit = first,
            RefitEpochs = epochs,
        };
    }
}
