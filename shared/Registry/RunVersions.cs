using Mlops.Registry.Facts;

namespace Mlops.Registry;

/// <summary>The model versions that a run is about.</summary>
public static class RunVersions
{
    /// <summary>Those that it made, and the one that it began with where it trained none.</summary>
    public static IQueryable<ModelVersion> Of(RegistryDbContext db, Guid runId) => db.ModelVersions.Where(version =>
        version.PipelineRunId == runId || db.EvaluationReports.Any(report => report.ModelVersionId == version.Id && report.PipelineRunId == runId));
}
