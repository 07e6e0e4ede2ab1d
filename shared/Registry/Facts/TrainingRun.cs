using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mlops.Contracts;

namespace Mlops.Registry.Facts;

/// <summary>A finished training. Never changes.</summary>
public sealed class TrainingRun
{
    /// <summary>Primary key; the id of the work that did it, so that metric points can be written before it is finished.</summary>
    public required Guid Id { get; init; }

    /// <summary>The run that it is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

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

    /// <summary>Largest absolute difference between ONNX Runtime's and TorchSharp's outputs on held-out rows.</summary>
    public required double Parity { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class TrainingRunMapping : IEntityTypeConfiguration<TrainingRun>
{
    public void Configure(EntityTypeBuilder<TrainingRun> entity)
    {
        entity.Property(run => run.Details).HasConversion(JsonText.Converter<TrainingDetails?>());
        entity.HasIndex(run => run.PipelineRunId).IsUnique();
        entity.HasOne<PipelineRun>().WithMany().HasForeignKey(run => run.PipelineRunId).OnDelete(DeleteBehavior.Restrict);
    }
}
