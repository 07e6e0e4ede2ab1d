using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Trainer;

/// <summary>Queues a run's trainings for workers that have the device they need.</summary>
internal static class TrainingWork
{
    /// <summary>What a run begins with: the first round of its search, or what follows a search.</summary>
    public static Task EnqueueFirstAsync(RegistryDbContext db, WorkQueue work, Guid runId, PipelineSpec spec, CancellationToken cancellationToken) =>
        spec.Search is { } search ? EnqueueRoundAsync(db, work, runId, spec, search, round: 0, cancellationToken) : EnqueueAfterSearchAsync(db, work, runId, spec, cancellationToken);

    /// <summary>The trials of a search's round.</summary>
    public static async Task EnqueueRoundAsync(
        RegistryDbContext db, WorkQueue work, Guid runId, PipelineSpec spec, SearchSpec search, int round, CancellationToken cancellationToken)
    {
        foreach (var number in search.NumbersOf(round))
            await work.EnqueueAsync(db, TrialWork.Kind, runId, TrialWork.SubjectOf(runId, number), RequirementOf(spec), cancellationToken);
    }

    /// <summary>The folds of a cross-validation, where there is one, else the model's training.</summary>
    public static Task EnqueueAfterSearchAsync(RegistryDbContext db, WorkQueue work, Guid runId, PipelineSpec spec, CancellationToken cancellationToken) =>
        spec.CrossValidation is { } crossValidation ? EnqueueFoldsAsync(db, work, runId, spec, crossValidation, cancellationToken) : EnqueueModelAsync(db, work, runId, spec, cancellationToken);

    /// <summary>The training of the model that is served, on all training rows.</summary>
    public static Task EnqueueModelAsync(RegistryDbContext db, WorkQueue work, Guid runId, PipelineSpec spec, CancellationToken cancellationToken) =>
        work.EnqueueAsync(db, ModelWork.Kind, runId, runId, RequirementOf(spec), cancellationToken);

    /// <summary>Every fold of a cross-validation.</summary>
    private static async Task EnqueueFoldsAsync(
        RegistryDbContext db, WorkQueue work, Guid runId, PipelineSpec spec, CrossValidationSpec crossValidation, CancellationToken cancellationToken)
    {
        foreach (var (repeat, fold) in FoldWork.PartsOf(crossValidation))
            await work.EnqueueAsync(db, FoldWork.Kind, runId, FoldWork.SubjectOf(runId, repeat, fold), RequirementOf(spec), cancellationToken);
    }

    /// <summary>What a worker must have to train where another one did.</summary>
    /// <param name="device">Such as <c>cpu</c> or <c>cuda:0</c>.</param>
    public static string RequirementOf(string device) => device == WorkerCapabilities.Cpu ? WorkerCapabilities.Cpu : WorkerCapabilities.Cuda;

    private static string RequirementOf(PipelineSpec spec) => spec.Training.Device.IsCuda ? WorkerCapabilities.Cuda : WorkerCapabilities.Cpu;
}
