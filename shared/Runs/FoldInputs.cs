using Mlops.Artifacts;
using Mlops.Registry;
using Mlops.Tabular;

namespace Mlops.Runs;

/// <summary>What a fold of a run's cross-validation works on.</summary>
/// <param name="Repeat">Which repeat, from 1.</param>
/// <param name="Fold">Which fold of it, from 1.</param>
/// <param name="Inputs">The run's inputs with the fold's rows in their parts.</param>
/// <param name="HeldOut">The rows that are held out, as indices into the data set from 0, in the order of <see cref="RunInputs.Test"/>.</param>
public sealed record FoldInputs(int Repeat, int Fold, RunInputs Inputs, IReadOnlyList<int> HeldOut)
{
    /// <summary>Reads a fold's inputs from the registry and the artifact store, verifying their digests.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="artifacts">The artifact store.</param>
    /// <param name="runId">A run with a cross-validation.</param>
    /// <param name="subjectId">The fold, as <see cref="FoldWork.SubjectOf"/> names it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Contracts.Fault">An artifact is missing or is not what its digest says, or the rows cannot be dealt to folds.</exception>
    public static async Task<FoldInputs> LoadAsync(RegistryStore registry, IArtifactStore artifacts, Guid runId, Guid subjectId, CancellationToken cancellationToken)
    {
        var rows = (await RunRows.LoadAsync(registry, artifacts, runId, cancellationToken)).Tuned();
        var (repeat, fold) = FoldWork.PartOf(rows.Spec.CrossValidation!, runId, subjectId);
        var part = FoldAssignment.Make(rows.Table, rows.Split, rows.Spec, repeat).Rows(fold);
        return new FoldInputs(repeat, fold, rows.Select(part.Train, part.Validation, part.HeldOut), part.HeldOut);
    }
}
