using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Lineage;

namespace Mlops.Governance.Pages;

/// <summary>Where a fact has its page, when nothing but its id is known, as in an audit entry.</summary>
internal static class FindFact
{
    public static async Task<string> PathAsync(RegistryDbContext db, string id, CancellationToken cancellationToken)
    {
        var factId = RequestValues.Id("id", id);
        var runs = db.PipelineRuns.Where(run => run.Id == factId).Select(run => run.Id)
            .Concat(db.TrainingRuns.Where(training => training.Id == factId).Select(training => training.PipelineRunId))
            .Concat(db.Folds.Where(fold => fold.Id == factId).Select(fold => fold.PipelineRunId))
            .Concat(db.Trials.Where(trial => trial.Id == factId).Select(trial => trial.PipelineRunId))
            .Concat(db.ReproductionRequests.Where(request => request.Id == factId).Select(request => request.PipelineRunId));
        if (await runs.Select(run => (Guid?)run).FirstOrDefaultAsync(cancellationToken) is { } runId)
            return PageText.RunPath(runId);
        if (await db.Rollouts.AnyAsync(rollout => rollout.Id == factId, cancellationToken))
            return PageText.RolloutPath(factId);
        var versionIds = db.EvaluationReports.Where(report => report.Id == factId).Select(report => report.ModelVersionId)
            .Concat(db.Promotions.Where(promotion => promotion.Id == factId).Select(promotion => promotion.ModelVersionId))
            .Concat(db.Deployments.Where(deployment => deployment.Id == factId).Select(deployment => deployment.ModelVersionId));
        var version = await db.ModelVersions.Where(row => row.Id == factId || versionIds.Contains(row.Id))
            .Select(row => new { row.Name, row.Version }).FirstOrDefaultAsync(cancellationToken);
        if (version is not null)
            return PageText.VersionPath(version.Name, version.Version);
        return await db.DatasetVersions.AnyAsync(dataset => dataset.Id == factId, cancellationToken)
            ? PageText.LineagePath(FactKind.DatasetVersion, factId, LineageDirection.Down)
            : throw Fault.NotFound("id", $"there is no fact {factId}");
    }
}
