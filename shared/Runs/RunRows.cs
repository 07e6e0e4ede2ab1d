using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Tabular;

namespace Mlops.Runs;

/// <summary>A run with the data set that it runs on, and how its rows are shared out.</summary>
/// <param name="Run">The run.</param>
/// <param name="Dataset">The data set version.</param>
/// <param name="Spec">Its spec.</param>
/// <param name="Split">The part of each row.</param>
internal sealed record RunRows(PipelineRun Run, DatasetVersion Dataset, PipelineSpec Spec, RowSplit Split)
{
    public static async Task<RunRows> LoadAsync(RegistryStore registry, IArtifactStore artifacts, Guid runId, CancellationToken cancellationToken)
    {
        var (run, dataset) = await registry.ReadAsync(async (db, token) =>
        {
            var run = await db.PipelineRuns.SingleAsync(run => run.Id == runId, token);
            return (run, await db.DatasetVersions.SingleAsync(version => version.Id == run.DatasetVersionId, token));
        }, cancellationToken);
        var split = RowSplit.FromBytes(await artifacts.ReadAsync(ContentDigest.Parse(run.SplitDigest), cancellationToken));
        return new RunRows(run, dataset, PipelineSpec.Parse(run.Spec, run.Name), split);
    }
}
