using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Tabular;

namespace Mlops.Runs;

/// <summary>A run with the data set that it runs on, and how its rows are shared out.</summary>
/// <param name="Run">The run.</param>
/// <param name="Dataset">The data set version.</param>
/// <param name="Spec">Its spec, as it was registered or, once <see cref="Tuned"/>, with the settings that its search found.</param>
/// <param name="Trials">What its search tried; none where it has none.</param>
/// <param name="Split">The part of each row.</param>
internal sealed record RunRows(PipelineRun Run, DatasetVersion Dataset, PipelineSpec Spec, IReadOnlyList<Trial> Trials, RowSplit Split)
{
    /// <summary>The trial whose settings are in the spec; null where there are none.</summary>
    public Guid? TunedBy { get; private init; }

    public static async Task<RunRows> LoadAsync(RegistryStore registry, IArtifactStore artifacts, Guid runId, CancellationToken cancellationToken)
    {
        var (run, dataset, trials) = await registry.ReadAsync(async (db, token) =>
        {
            var run = await db.PipelineRuns.SingleAsync(run => run.Id == runId, token);
            return (run, await db.DatasetVersions.SingleAsync(version => version.Id == run.DatasetVersionId, token), await TrialWork.DoneOf(db, runId).ToListAsync(token));
        }, cancellationToken);
        var spec = PipelineSpec.Parse(run.Spec, run.Name);
        return new RunRows(run, dataset, spec, trials, RowSplit.FromBytes(await artifacts.ReadAsync(ContentDigest.Parse(run.SplitDigest), cancellationToken)));
    }

    /// <summary>With the spec by which all that follows the search is trained: the best trial's settings, where there was a search.</summary>
    /// <exception cref="Fault">Invalid: no trial could be trained.</exception>
    public RunRows Tuned()
    {
        if (Spec.Search is not { } search)
            return this;
        var winner = TrialWork.WinnerOf(search, Trials)
            ?? throw Fault.Invalid("search", $"none of {Trials.Count} trials could be trained; {string.Join("; ", Trials.Take(3).Select(trial => $"trial {trial.Number}: {trial.Reason}"))}");
        return this with { Spec = Spec.With(winner.Settings), TunedBy = winner.Id };
    }
}
