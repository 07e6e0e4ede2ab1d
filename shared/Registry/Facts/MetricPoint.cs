using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>One value of one metric at one step of a training.</summary>
public sealed class MetricPoint
{
    /// <summary>The training: a <see cref="TrainingRun"/>, <see cref="Fold"/> or <see cref="Trial"/>, under way or finished, or an <see cref="ExternalRun"/>.</summary>
    public required Guid TrainingRunId { get; init; }

    /// <summary>Such as <c>train/loss</c> or <c>validation/accuracy</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Epoch, from 1; what an external run counts as it likes.</summary>
    public required int Step { get; init; }

    /// <summary>The value.</summary>
    public required double Value { get; init; }
}

internal sealed class MetricPointMapping : IEntityTypeConfiguration<MetricPoint>
{
    public void Configure(EntityTypeBuilder<MetricPoint> entity) =>
        entity.HasKey(point => new { point.TrainingRunId, point.Name, point.Step });
}
