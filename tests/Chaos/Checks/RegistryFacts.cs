using Microsoft.EntityFrameworkCore;
using Mlops.Registry;
using Mlops.Registry.Audit;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Chaos.Checks;

/// <summary>The whole registry, as it stands when everything has come to rest.</summary>
public sealed record RegistryFacts
{
    public required IReadOnlyList<DatasetVersion> Datasets { get; init; }

    public required IReadOnlyList<PipelineRun> Runs { get; init; }

    /// <summary>Those that hold.</summary>
    public required IReadOnlyList<PipelineOutcome> Outcomes { get; init; }

    public required IReadOnlyList<TrainingRun> Trainings { get; init; }

    public required IReadOnlyList<Fold> Folds { get; init; }

    public required IReadOnlyList<Trial> Trials { get; init; }

    public required IReadOnlyList<ModelVersion> Versions { get; init; }

    public required IReadOnlyList<EvaluationReport> Reports { get; init; }

    public required IReadOnlyList<Compression> Compressions { get; init; }

    public required IReadOnlyList<Promotion> Promotions { get; init; }

    public required IReadOnlyList<Deployment> Deployments { get; init; }

    public required IReadOnlyList<WorkItem> Work { get; init; }

    public required IReadOnlyList<OutboxMessage> Outbox { get; init; }

    public required IReadOnlyList<DeadLetter> DeadLetters { get; init; }

    public required IReadOnlyList<AuditEntry> Audit { get; init; }

    public required AuditVerification Chain { get; init; }

    public static Task<RegistryFacts> ReadAsync(RegistryStore registry, CancellationToken cancellationToken) =>
        registry.ReadAsync(async (db, token) => new RegistryFacts
        {
            Datasets = await db.DatasetVersions.ToListAsync(token),
            Runs = await db.PipelineRuns.ToListAsync(token),
            Outcomes = await Registry.Outcomes.Of(db).ToListAsync(token),
            Trainings = await db.TrainingRuns.ToListAsync(token),
            Folds = await db.Folds.ToListAsync(token),
            Trials = await db.Trials.ToListAsync(token),
            Versions = await db.ModelVersions.ToListAsync(token),
            Reports = await db.EvaluationReports.ToListAsync(token),
            Compressions = await db.Compressions.ToListAsync(token),
            Promotions = await db.Promotions.ToListAsync(token),
            Deployments = await db.Deployments.ToListAsync(token),
            Work = await db.WorkItems.ToListAsync(token),
            Outbox = await db.OutboxMessages.ToListAsync(token),
            DeadLetters = await db.DeadLetters.ToListAsync(token),
            Audit = await db.AuditEntries.ToListAsync(token),
            Chain = await AuditChain.VerifyAsync(db, token),
        }, cancellationToken);

    /// <summary>Whether nothing goes on any more.</summary>
    public bool IsAtRest =>
        Outbox.Count == 0
        && Work.All(item => item.State is not (WorkState.Queued or WorkState.Leased))
        && Runs.All(run => Outcomes.Any(outcome => outcome.PipelineRunId == run.Id));
}
