using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mlops.Contracts.Rollouts;

namespace Mlops.Registry.Facts;

/// <summary>A version is tried on a model's requests before it takes the name over. Never changes; its steps say how it gets on.</summary>
public sealed class Rollout
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>The candidate.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>The champion that it is compared with.</summary>
    public required Guid ChampionVersionId { get; init; }

    /// <summary>How it is tried.</summary>
    public required RolloutMode Mode { get; init; }

    /// <summary>What it must hold to.</summary>
    public required RolloutObjectives Objectives { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A step of a rollout. The last one says how it stands. Never changes.</summary>
public sealed class RolloutStep
{
    /// <summary>The rollout.</summary>
    public required Guid RolloutId { get; init; }

    /// <summary>1, 2, 3 … within the rollout.</summary>
    public required int Sequence { get; init; }

    /// <summary>What became of it.</summary>
    public required RolloutStepKind Kind { get; init; }

    /// <summary>Share of the requests that the candidate is given from now on, 0 to 1.</summary>
    public required double Weight { get; init; }

    /// <summary>The person or service that decided.</summary>
    public required string Actor { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether it is the last.</summary>
    public bool IsEnd => Kind is not (RolloutStepKind.Started or RolloutStepKind.Reweighted);
}

/// <summary>What one replica saw of a rollout for a while. Never changes.</summary>
public sealed class RolloutObservation
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The rollout.</summary>
    public required Guid RolloutId { get; init; }

    /// <summary>The replica's name.</summary>
    public required string Replica { get; init; }

    /// <summary>What the champion did.</summary>
    public required ObservedAnswers Champion { get; init; }

    /// <summary>What the candidate did.</summary>
    public required ObservedAnswers Candidate { get; init; }

    /// <summary>Answers of both to the same request that were compared; a shadow's alone.</summary>
    public required long Compared { get; init; }

    /// <summary>Those of them that differed.</summary>
    public required long Differing { get; init; }

    /// <summary>The end of the time that it is about. UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class RolloutMapping : IEntityTypeConfiguration<Rollout>, IEntityTypeConfiguration<RolloutStep>, IEntityTypeConfiguration<RolloutObservation>
{
    public void Configure(EntityTypeBuilder<Rollout> entity)
    {
        entity.Property(rollout => rollout.Mode).HasConversion<string>();
        entity.Property(rollout => rollout.Objectives).HasConversion(JsonText.Converter<RolloutObjectives>());
        entity.HasIndex(rollout => rollout.ModelName);
        entity.HasOne<ModelVersion>().WithMany().HasForeignKey(rollout => rollout.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
        entity.HasOne<ModelVersion>().WithMany().HasForeignKey(rollout => rollout.ChampionVersionId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<RolloutStep> entity)
    {
        entity.HasKey(step => new { step.RolloutId, step.Sequence });
        entity.Property(step => step.Kind).HasConversion<string>();
        entity.Ignore(step => step.IsEnd);
        entity.HasOne<Rollout>().WithMany().HasForeignKey(step => step.RolloutId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<RolloutObservation> entity)
    {
        entity.Property(observation => observation.Champion).HasConversion(JsonText.Converter<ObservedAnswers>());
        entity.Property(observation => observation.Candidate).HasConversion(JsonText.Converter<ObservedAnswers>());
        entity.HasIndex(observation => new { observation.RolloutId, observation.CreatedAt });
        entity.HasOne<Rollout>().WithMany().HasForeignKey(observation => observation.RolloutId).OnDelete(DeleteBehavior.Restrict);
    }
}
