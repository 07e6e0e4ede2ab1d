using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Governance.Reproductions;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>Everything about one pipeline run.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name of the pipeline and of the model that it makes.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempt">1, and one more for each time that a person had it go on.</param>
/// <param name="Outcome">How it ended; absent while it goes on, or waits for a person to promote.</param>
/// <param name="Stages">Its work so far, in order.</param>
/// <param name="Dataset">What it runs on.</param>
/// <param name="Spec">The spec, every default written out.</param>
/// <param name="SpecDigest">SHA-256 of the spec's canonical JSON.</param>
/// <param name="SplitDigest">SHA-256 of the artifact that says in which part of the split each row is.</param>
/// <param name="Search">How its search gets on; absent where its spec asks for none.</param>
/// <param name="CrossValidation">How its cross-validation gets on; absent where its spec asks for none, or no fold was added yet.</param>
/// <param name="Training">The finished training; absent until then.</param>
/// <param name="Reproductions">How its training was done again, newest first.</param>
/// <param name="ModelVersions">What it made, in order.</param>
/// <param name="SkippedMethods">Compression methods that gave no variant.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record RunDetail(
    Guid Id, string Name, RunState State, int Attempt, OutcomeSummary? Outcome, IReadOnlyList<StageSummary> Stages, DatasetReference Dataset, JsonElement Spec,
    string SpecDigest, string SplitDigest, SearchSummary? Search, CrossValidationSummary? CrossValidation, TrainingSummary? Training, IReadOnlyList<ReproductionDetail> Reproductions, IReadOnlyList<VersionSummary> ModelVersions,
    IReadOnlyList<SkippedMethod> SkippedMethods, DateTimeOffset CreatedAt);

/// <summary>How a run ended.</summary>
/// <param name="Stage">Where it ended.</param>
/// <param name="Kind">The sort of failure; absent when a model is served.</param>
/// <param name="Reason">Why it failed; absent when a model is served.</param>
/// <param name="EndedAt">UTC.</param>
public sealed record OutcomeSummary(string Stage, string? Kind, string? Reason, DateTimeOffset EndedAt);

/// <summary>A piece of work of a run.</summary>
/// <param name="Kind">Such as <c>train-model</c>.</param>
/// <param name="SubjectId">What is worked on.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">How often it was taken.</param>
/// <param name="Failures">Attempts that ended in an error or with a dead worker.</param>
/// <param name="Worker">Who has it, or had it last.</param>
/// <param name="Error">Why the last attempt failed.</param>
/// <param name="Progress">How far a training is that goes on; absent else.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="StartedAt">UTC; when the last attempt began.</param>
/// <param name="FinishedAt">UTC; when it was done or given up.</param>
public sealed record StageSummary(
    string Kind, Guid SubjectId, WorkState State, int Attempts, int Failures, string? Worker, string? Error, TrainingProgress? Progress,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);

/// <summary>A finished training.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Epochs">Epochs that were run.</param>
/// <param name="BestEpoch">The epoch whose weights were kept, from 1.</param>
/// <param name="Device">Where it ran.</param>
/// <param name="Backend">Library, version, device and threads that computed the weights.</param>
/// <param name="CodeVersion">Version of the code that trained.</param>
/// <param name="Parity">Largest absolute difference between ONNX Runtime's and TorchSharp's outputs on held-out rows.</param>
/// <param name="Details">Architecture, what it was picked from, environment and speed; absent where an older build trained.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="FinishedAt">UTC.</param>
public sealed record TrainingSummary(
    Guid Id, int Epochs, int BestEpoch, string Device, string Backend, string CodeVersion, double Parity, TrainingDetails? Details,
    DateTimeOffset StartedAt, DateTimeOffset FinishedAt);

internal static class ShowRun
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/runs/{id}", (RegistryStore registry, string id, CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, id, token), cancellationToken))
            .WithName(nameof(ShowRun)).WithTags("Runs").WithSummary("Shows a run: outcome, stages, spec, data set, training and model versions")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    public static async Task<RunDetail> ReadAsync(RegistryDbContext db, string id, CancellationToken cancellationToken)
    {
        var runId = RequestValues.Id("id", id);
        var status = (await PipelineStatus.ReadAsync(db, db.PipelineRuns.Where(run => run.Id == runId), cancellationToken)).SingleOrDefault()
            ?? throw NotFound(runId);
        var run = status.Run;
        var dataset = await DatasetReference.OfRunAsync(db, runId, cancellationToken);
        var training = await db.TrainingRuns.Where(row => row.PipelineRunId == runId)
            .Select(row => new TrainingSummary(row.Id, row.Epochs, row.BestEpoch, row.Device, row.Backend, row.CodeVersion, row.Parity, row.Details, row.StartedAt, row.CreatedAt))
            .SingleOrDefaultAsync(cancellationToken);
        var versions = await VersionSummary.ReadAsync(
            db, RunVersions.Of(db, runId).OrderBy(version => version.Version), cancellationToken);
        var skipped = await db.Compressions.Where(row => row.PipelineRunId == runId).Select(row => row.Skipped).ToListAsync(cancellationToken);
        return new RunDetail(
            run.Id, run.Name, StateOf(status.Outcome), status.Attempt, OutcomeOf(status.Outcome), [.. status.Stages.Select(StageOf)], dataset,
            JsonElement.Parse(run.Spec), run.SpecDigest, run.SplitDigest,
            await SearchSummary.ReadAsync(db, run, cancellationToken), await CrossValidationSummary.ReadAsync(db, status, cancellationToken), training,
            await ShowReproduction.ReadAsync(db, db.ReproductionRequests.Where(request => request.PipelineRunId == runId), cancellationToken), versions, [.. skipped.SelectMany(methods => methods)], run.CreatedAt);
    }

    internal static Fault NotFound(Guid runId) => Fault.NotFound("id", $"there is no pipeline run {runId}");

    internal static RunState StateOf(PipelineOutcome? outcome) => outcome switch
    {
        null => RunState.Running,
        { Served: true } => RunState.Served,
        { Kind: PipelineOutcome.Cancelled } => RunState.Cancelled,
        _ => RunState.Failed,
    };

    internal static OutcomeSummary? OutcomeOf(PipelineOutcome? outcome) =>
        outcome is null ? null : new OutcomeSummary(outcome.Stage, outcome.Kind, outcome.Reason, outcome.CreatedAt);

    internal static StageSummary StageOf(WorkItem item) => new(
        item.Kind, item.SubjectId, item.State, item.Attempt, item.Failures, item.Worker, item.Error, item.State == WorkState.Leased ? item.Progress : null, item.CreatedAt, item.StartedAt, item.FinishedAt);
}
