using Mlops.Artifacts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Tabular;

namespace Mlops.Runs;

/// <summary>What a training of a run works on: the spec, and rows that lie on a disk where they would take more memory than they may.</summary>
/// <param name="Run">The run.</param>
/// <param name="Dataset">The data set version that it runs on.</param>
/// <param name="Spec">Its spec, with the settings that its search found where there was one.</param>
/// <param name="Train">Rows to fit on.</param>
/// <param name="Validation">Rows for early stopping; may be none.</param>
/// <param name="Test">Rows that only the evaluator may look at; in a fold, those that it holds out.</param>
public sealed record TrainingRows(PipelineRun Run, DatasetVersion Dataset, PipelineSpec Spec, IRows Train, IRows Validation, IRows Test) : IDisposable
{
    // Those that are read, and those of the parts; a refit's are parts of both.
    private const int Copies = 2, CopiesWithRefit = 3;

    private StoredTable? _stored;

    /// <summary>Rows to fit on and for early stopping together, ascending, where a refit is wanted; else null.</summary>
    public IRows? Together { get; init; }

    /// <summary>The trial whose settings are in the spec; null where there was no search.</summary>
    public Guid? TunedBy { get; private init; }

    /// <summary>Reads a run's rows from the registry and the artifact store, verifying their digests.</summary>
    /// <exception cref="Contracts.Fault">An artifact is missing or is not what its digest says, or no trial of its search could be trained.</exception>
    public static async Task<TrainingRows> LoadAsync(RegistryStore registry, IArtifactStore artifacts, Guid runId, RowMemory memory, CancellationToken cancellationToken) =>
        await LoadAsync(artifacts, (await RunRows.LoadAsync(registry, artifacts, runId, cancellationToken)).Tuned(), memory, cancellationToken);

    /// <summary>The same with the spec as it was registered, from which each trial of a search starts.</summary>
    public static async Task<TrainingRows> LoadUntunedAsync(RegistryStore registry, IArtifactStore artifacts, Guid runId, RowMemory memory, CancellationToken cancellationToken) =>
        await LoadAsync(artifacts, await RunRows.LoadAsync(registry, artifacts, runId, cancellationToken), memory, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _stored?.Dispose();

    /// <summary>Reads the rows that are dealt to the parts.</summary>
    /// <param name="artifacts">The artifact store.</param>
    /// <param name="rows">The run.</param>
    /// <param name="memory">How much there is.</param>
    /// <param name="deal">Tells the rows of each part, ascending, by some columns of the whole data set.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<TrainingRows> LoadAsync(
        IArtifactStore artifacts, RunRows rows, RowMemory memory, Func<IRows, (int[] Train, int[] Validation, int[] Test)> deal, CancellationToken cancellationToken)
    {
        if (DatasetSize.EstimateOf(rows.Dataset) * (rows.Spec.Training.Refits(rows.Dataset.Rows) ? CopiesWithRefit : Copies) <= memory.MostBytes)
        {
            var table = await DatasetReader.ReadAsync(artifacts, rows.Dataset, rows.Spec, cancellationToken);
            return Of(rows, deal(table), part => table.Select(part));
        }
        var stored = await DatasetReader.StoreAsync(artifacts, rows.Dataset, rows.Spec, memory.ScratchFolder, cancellationToken);
        try
        {
            return Of(rows, deal(stored.Select([.. Enumerable.Range(0, stored.Rows)])), stored.Select) with { _stored = stored };
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    private static TrainingRows Of(RunRows rows, (int[] Train, int[] Validation, int[] Test) parts, Func<int[], IRows> select) =>
        new(rows.Run, rows.Dataset, rows.Spec, select(parts.Train), select(parts.Validation), select(parts.Test))
        {
            TunedBy = rows.TunedBy,
            Together = rows.Spec.Training.Refits(parts.Train.Length + parts.Validation.Length) ? select([.. parts.Train.Concat(parts.Validation).Order()]) : null,
        };

    private static Task<TrainingRows> LoadAsync(IArtifactStore artifacts, RunRows rows, RowMemory memory, CancellationToken cancellationToken) =>
        LoadAsync(artifacts, rows, memory, _ => (rows.Split.Rows(SplitPart.Train), rows.Split.Rows(SplitPart.Validation), rows.Split.Rows(SplitPart.Test)), cancellationToken);
}
