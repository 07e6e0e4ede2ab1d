using Mlops.Artifacts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Tabular;

namespace Mlops.Runs;

/// <summary>What a stage of a pipeline run works on: the spec, and the rows of each part of the split.</summary>
/// <param name="Run">The run.</param>
/// <param name="Dataset">The data set version that it runs on.</param>
/// <param name="Spec">Its spec, with the settings that its search found where there was one.</param>
/// <param name="Train">Rows to fit on.</param>
/// <param name="Validation">Rows for early stopping; may be none.</param>
/// <param name="Test">Rows that only the evaluator may look at.</param>
public sealed record RunInputs(PipelineRun Run, DatasetVersion Dataset, PipelineSpec Spec, Table Train, Table Validation, Table Test)
{
    /// <summary>Reads a run's inputs from the registry and the artifact store, verifying their digests.</summary>
    /// <exception cref="Contracts.Fault">An artifact is missing or is not what its digest says, or no trial of its search could be trained.</exception>
    public static async Task<RunInputs> LoadAsync(RegistryStore registry, IArtifactStore artifacts, Guid runId, CancellationToken cancellationToken)
    {
        var rows = (await RunRows.LoadAsync(registry, artifacts, runId, cancellationToken)).Tuned();
        var table = await DatasetReader.ReadAsync(artifacts, rows.Dataset, rows.Spec, cancellationToken);
        return new RunInputs(rows.Run, rows.Dataset, rows.Spec, Of(SplitPart.Train), Of(SplitPart.Validation), Of(SplitPart.Test));

        Table Of(SplitPart part) => table.Select(rows.Split.Rows(part));
    }
}
