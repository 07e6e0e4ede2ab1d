using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mlops.Contracts;

namespace Mlops.Registry.Facts;

/// <summary>A trial of a run's search that has ended, well or not: a training with settings of its own. Never changes.</summary>
public sealed class Trial
{
    /// <summary>Primary key; the id of the work that did it, so that metric points can be written before it has ended.</summary>
    public required Guid Id { get; init; }

    /// <summary>The run that it is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>Which trial, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>What was tried, by place in the spec, such as <c>optimizer.learningRate</c>.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Settings { get; init; }

    /// <summary>How it ended.</summary>
    public required TrialState State { get; init; }

    /// <summary>Why it could not be trained; null where it could.</summary>
    public string? Reason { get; init; }

    /// <summary>The search's metric with the weights that were kept; null where it failed.</summary>
    public double? Objective { get; init; }

    /// <summary>Epochs that were run, as far as they were told.</summary>
    public required int Epochs { get; init; }

    /// <summary>The epoch whose weights were kept, from 1; null where it failed.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>What it had come to where it was compared with others.</summary>
    public required IReadOnlyList<RungValue> Rungs { get; init; }

    /// <summary>Where it ran, such as <c>cpu</c> or <c>cuda:0</c>; null where it failed.</summary>
    public string? Device { get; init; }

    /// <summary>Library, version, device and threads that computed the weights; null where it failed.</summary>
    public string? Backend { get; init; }

    /// <summary>Version of the code that trained.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>Architecture, environment and speed; null where it failed.</summary>
    public TrainingDetails? Details { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What a trial had come to where it was compared with others.</summary>
/// <param name="Epoch">After which epoch.</param>
/// <param name="Objective">The search's metric with the weights that would have been kept then.</param>
public sealed record RungValue(int Epoch, double Objective);

internal sealed class TrialMapping : IEntityTypeConfiguration<Trial>
{
    public void Configure(EntityTypeBuilder<Trial> entity)
    {
        entity.Property(trial => trial.Settings).HasConversion(JsonText.Converter<IReadOnlyDictionary<string, JsonElement>>());
        entity.Property(trial => trial.Rungs).HasConversion(JsonText.Converter<IReadOnlyList<RungValue>>());
        entity.Property(trial => trial.Details).HasConversion(JsonText.Converter<TrainingDetails?>());
        entity.Property(trial => trial.State).HasConversion<string>();
        entity.HasIndex(trial => new { trial.PipelineRunId, trial.Number }).IsUnique();
        entity.HasOne<PipelineRun>().WithMany().HasForeignKey(trial => trial.PipelineRunId).OnDelete(DeleteBehavior.Restrict);
    }
}
