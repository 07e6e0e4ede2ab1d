using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;

namespace Mlops.Governance;

/// <summary>
/// A variant was evaluated, or all variants exist: if that was the last thing missing, the pipeline's model is promoted.
/// Whichever event comes last finds everything there, because an event follows the commit of its fact.
/// </summary>
internal sealed class ConsiderPromotion(RegistryStore registry) : IConsumer<ModelEvaluated>, IConsumer<CompressionCompleted>
{
    public Task Consume(ConsumeContext<ModelEvaluated> context) =>
        registry.HandleOnceAsync(this, context, (db, token) => ConsiderAsync(db, registry, context.Message.PipelineRunId, token));

    public Task Consume(ConsumeContext<CompressionCompleted> context) =>
        registry.HandleOnceAsync(this, context, (db, token) => ConsiderAsync(db, registry, context.Message.PipelineRunId, token));

    internal static async Task ConsiderAsync(RegistryDbContext db, RegistryStore registry, Guid runId, CancellationToken cancellationToken)
    {
        // 1. Is everything there, and does the run go on? Nobody else may decide that meanwhile: not who finds everything
        //    there at the same time, nor who cancels.
        await Outcomes.HoldAsync(db, runId, cancellationToken);
        if (await Outcomes.Of(db).AnyAsync(row => row.PipelineRunId == runId, cancellationToken))
            return;
        var compression = await db.Compressions.AsNoTracking().SingleOrDefaultAsync(row => row.PipelineRunId == runId, cancellationToken);
        if (compression is null)
            return;
        var versions = await RunVersions.Of(db, runId).AsNoTracking().OrderBy(row => row.Version).ToListAsync(cancellationToken);
        var reports = await db.EvaluationReports.AsNoTracking().Where(row => row.PipelineRunId == runId)
            .ToDictionaryAsync(row => row.ModelVersionId, cancellationToken);
        if (versions.Exists(version => !reports.ContainsKey(version.Id)))
            return;

        // 2. Which one, and does the pipeline decide?
        var run = await db.PipelineRuns.AsNoTracking().SingleAsync(row => row.Id == runId, cancellationToken);
        var spec = PipelineSpec.Parse(run.Spec, run.Name);
        if (spec.Promotion.Mode != PromotionMode.Automatic)
            return;
        var latency = compression.Measurements.ToDictionary(row => row.ModelVersionId, row => row.MedianMicroseconds);
        var candidates = versions.ToDictionary(version => version, version =>
            new Candidate(version.Id, version.Method, reports[version.Id].Passed, reports[version.Id].Metrics[spec.HeadlineMetric], latency[version.Id]));
        var original = candidates.Single(pair => pair.Key.ParentId is null).Value;
        if (ChooseVariant.Choose(original, [.. candidates.Values.Where(candidate => candidate != original)], spec) is not { } choice)
            return;

        // 3. Once per run.
        if (await db.Promotions.AnyAsync(row => row.DecidedByRunId == runId, cancellationToken))
            return;
        var chosen = versions.Single(version => version.Id == choice.Chosen.ModelVersionId);
        await Promotions.AddAsync(db, registry, chosen, runId, actor: "governance", choice.Reason, cancellationToken);
    }
}
