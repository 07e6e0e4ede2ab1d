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

    /// <summary>How much memory the rows may take; null where they may take what they need.</summary>
    public RowMemory? Memory { get; init; }

    /// <summary>How the training outlives its process; null if it need not.</summary>
    public Checkpointing? Checkpointing { get; init; }

    /// <summary>Where it may be ended early; null for nowhere. Not looked at where the architecture is picked.</summary>
    public Milestones? Milestones { get; init; }

    /// <summary>What is known already that a person should know; it joins the model's notes.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
