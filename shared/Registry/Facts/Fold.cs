using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mlops.Contracts;

namespace Mlops.Registry.Facts;

/// <summary>A finished fold of a run's cross-validation: a training on a part of the training rows. Never changes.</summary>
public sealed class Fold
{
    /// <summary>Primary key; the id of the work that did it, so that metric points can be written before it is finished.</summary>
    public required Guid Id { get; init; }

    /// <summary>The run that it is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>Which repeat, from 1.</summary>
    public required int Repeat { get; init; }

    /// <summary>Which fold of the repeat, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Rows that it was trained on.</summary>
    public required long TrainRows { get; init; }

    /// <summary>Rows that were held out, and predicted.</summary>
    public required long HeldOutRows { get; init; }

    /// <summary>Of the held-out rows, by the names of <see cref="MetricNames"/>.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>SHA-256 of the artifact with what was predicted for the held-out rows, 64 hexadecimal digits.</summary>
    public required string PredictionsDigest { get; init; }

    /// <summary>Epochs that were run.</summary>
    public required int Epochs { get; init; }

    /// <summary>The epoch whose weights were kept, from 1.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Where it ran, such as <c>cpu</c> or <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Library, version, device and threads that computed the weights: another one may give other bits.</summary>
    public required string Backend { get; init; }

    /// <summary>Version of the code that trained.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>Architecture, environment and speed; null where an older build trained.</summary>
    public required TrainingDetails? Details { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class FoldMapping : IEntityTypeConfiguration<Fold>
{
    public void Configure(EntityTypeBuilder<Fold> entity)
    {
        entity.Property(fold => fold.Metrics).HasConversion(JsonText.Converter<IReadOnlyDictionary<string, double>>());
        entity.Property(fold => fold.Details).HasConversion(JsonText.Converter<TrainingDetails?>());
        entity.HasIndex(fold => new { fold.PipelineRunId, fold.Repeat, fold.Number }).IsUnique();
        entity.HasOne<PipelineRun>().WithMany().HasForeignKey(fold => fold.PipelineRunId).OnDelete(DeleteBehavior.Restrict);
    }
}
