using Mlops.Artifacts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Tabular;

namespace Mlops.Runs;

/// <summary>What a fold of a run's cross-validation works on.</summary>
/// <param name="Repeat">Which repeat, from 1.</param>
/// <param name="Fold">Which fold of it, from 1.</param>
/// <param name="Inputs">The run's inputs with the fold's rows in their parts.</param>
/// <param name="HeldOut">The rows that are held out, as indices into the data set from 0, in the order of <see cref="TrainingRows.Test"/>.</param>
public sealed record FoldInputs(int Repeat, int Fold, TrainingRows Inputs, IReadOnlyList<int> HeldOut) : IDisposable
{
    /// <summary>Reads a fold's inputs from the registry and the artifact store, verifying their digests.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="artifacts">The artifact store.</param>
    /// <param name="runId">A run with a cross-validation.</param>
    /// <param name="subjectId">The fold, as <see cref="FoldWork.SubjectOf"/> names it.</param>
    /// <param name="memory">How much the rows may take.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Contracts.Fault">An artifact is missing or is not what its digest says, or the rows cannot be dealt to folds.</exception>
    public static async Task<FoldInputs> LoadAsync(RegistryStore registry, IArtifactStore artifacts, Guid runId, Guid subjectId, RowMemory memory, CancellationToken cancellationToken)
    {
        var rows = (await RunRows.LoadAsync(registry, artifacts, runId, cancellationToken)).Tuned();
        var (repeat, fold) = FoldWork.PartOf(rows.Spec.CrossValidation!, runId, subjectId);
        int[] heldOut = [];
        var inputs = await TrainingRows.LoadAsync(artifacts, rows, memory, all =>
        {
            var part = FoldAssignment.Make(DealtBy(all, rows.Spec), rows.Split, rows.Spec, repeat).Rows(fold);
            heldOut = part.HeldOut;
            return (part.Train, part.Validation, part.HeldOut);
        }, cancellationToken);
        return new FoldInputs(repeat, fold, inputs, heldOut);
    }

    /// <inheritdoc/>
    public void Dispose() => Inputs.Dispose();

    // No other column is looked at, and each may be as large as memory has room for.
    private static Table DealtBy(IRows all, PipelineSpec spec) =>
        new([.. new[] { spec.Target[0], spec.CrossValidation!.DealtBy?.Name }.OfType<string>().Distinct().Select(name => all[name])]);
}
