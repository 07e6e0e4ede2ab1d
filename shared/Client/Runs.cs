namespace Mlops.Client;

/// <summary>What a registration gave.</summary>
/// <param name="Dataset">The version: a new one, or the one that these bytes already are.</param>
/// <param name="PipelineRunId">The run that began, if the registration came with a spec.</param>
public sealed record RegisteredDataset(DatasetVersion Dataset, Guid? PipelineRunId);

/// <summary>A registered version of a data set.</summary>
/// <param name="Id">Its id in the registry.</param>
/// <param name="Name">The data set's name.</param>
/// <param name="Version">1, 2, 3 … within the name.</param>
/// <param name="Digest">SHA-256 of the file, 64 hexadecimal digits.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Rows">Data rows, the header not counted.</param>
public sealed record DatasetVersion(Guid Id, string Name, int Version, string Digest, long Bytes, long Rows);

/// <summary>A pipeline run in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name of the pipeline and of the model that it makes.</param>
/// <param name="State">running, served, failed or cancelled.</param>
/// <param name="Stage">Where it ended, or the work that was added last; null before there is any.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="DatasetName">Name of the data set that it runs on.</param>
/// <param name="DatasetVersion">Its version.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="EndedAt">UTC; null while it goes on.</param>
public sealed record RunSummary(
    Guid Id, string Name, string State, string? Stage, string? Reason, string DatasetName, int DatasetVersion, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);

/// <summary>Where a run stands, as it is told while it goes on.</summary>
/// <param name="Id">The run.</param>
/// <param name="State">running, served, failed or cancelled.</param>
/// <param name="Attempt">1, and one more for each time that a person had it go on.</param>
/// <param name="Outcome">How it ended; null while it goes on.</param>
/// <param name="Stages">Its work so far, in order.</param>
public sealed record RunProgress(Guid Id, string State, int Attempt, RunOutcome? Outcome, IReadOnlyList<RunStage> Stages)
{
    /// <summary>Whether a model of the run is served.</summary>
    public bool IsServed => State == "served";
}

/// <summary>How a run ended.</summary>
/// <param name="Stage">Where it ended.</param>
/// <param name="Kind">The sort of failure; null when a model is served.</param>
/// <param name="Reason">Why it failed; null when a model is served.</param>
/// <param name="EndedAt">UTC.</param>
public sealed record RunOutcome(string Stage, string? Kind, string? Reason, DateTimeOffset EndedAt);

/// <summary>A piece of work of a run.</summary>
/// <param name="Kind">Such as <c>train-model</c>.</param>
/// <param name="SubjectId">What is worked on.</param>
/// <param name="State">queued, leased, done, failed or cancelled.</param>
/// <param name="Attempts">How often it was taken.</param>
/// <param name="Worker">Who has it, or had it last.</param>
/// <param name="Error">Why the last attempt failed.</param>
/// <param name="Progress">How far a training is that goes on; null else.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="StartedAt">UTC; when the last attempt began.</param>
/// <param name="FinishedAt">UTC; when it was done or given up.</param>
public sealed record RunStage(
    string Kind, Guid SubjectId, string State, int Attempts, string? Worker, string? Error, StageProgress? Progress,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);

/// <summary>How far a training is.</summary>
/// <param name="Epoch">The newest epoch, from 1.</param>
/// <param name="MostEpochs">Epochs at most.</param>
/// <param name="TrainingLoss">Over the training rows.</param>
/// <param name="ValidationLoss">Over the validation rows; null where there are none.</param>
/// <param name="RowsPerSecond">Training rows a second since it began.</param>
/// <param name="SecondsLeft">Until the last epoch, if the rest goes as fast.</param>
/// <param name="Candidate">Which of several architectures is being tried; null where there is one.</param>
/// <param name="IsRefit">Whether it is the fit to training and validation rows, which goes as far as the best epoch of the one before.</param>
public sealed record StageProgress(
    int Epoch, int MostEpochs, double TrainingLoss, double? ValidationLoss, double RowsPerSecond, double SecondsLeft, StageCandidate? Candidate, bool IsRefit = false);

/// <summary>An architecture that is being tried, among others.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Type">Its name in the spec.</param>
public sealed record StageCandidate(int Number, int Count, string Type);

/// <summary>A training that is done again, to prove that it gives the model that was stored; of a compressed variant, its compression too.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ModelName">The model's name.</param>
/// <param name="Version">The version that it is compared with: of a compressed variant, its original.</param>
/// <param name="Digest">SHA-256 of that version's ONNX file.</param>
/// <param name="State">queued, leased, done, failed or cancelled.</param>
/// <param name="Error">Why the last attempt failed; null where none did.</param>
/// <param name="Progress">How far the training is; null unless it goes on.</param>
/// <param name="Result">What came of it; null until it is done.</param>
/// <param name="Variant">The compressed variant that was asked for; null where the original was.</param>
public sealed record Reproduction(
    Guid Id, string ModelName, int Version, string Digest, string State, string? Error, StageProgress? Progress, ReproductionResult? Result, ReproducedVariant? Variant = null)
{
    /// <summary>Whether doing it again gave the version that was asked for, or one that is as good.</summary>
    public bool Proves => Variant is null ? Result is { Proves: true } : Result?.Variant is { Proves: true };

    /// <summary>Whether nothing more will come of it.</summary>
    public bool HasEnded => Result is not null || State is "failed" or "cancelled";
}

/// <summary>A compressed variant that is asked for.</summary>
/// <param name="Version">Its number within the model's name.</param>
/// <param name="Method">What it was compressed by.</param>
/// <param name="Digest">SHA-256 of its ONNX file.</param>
public sealed record ReproducedVariant(int Version, string Method, string Digest);

/// <summary>What came of doing a training, or a compression, again.</summary>
/// <param name="Verdict">identical, equivalent, different or failed.</param>
/// <param name="Reason">Why, with all that is known to differ between then and now.</param>
/// <param name="Digest">SHA-256 of the ONNX file that was made again; null where there is none.</param>
/// <param name="Variant">What came of the variant; null where none was asked for, or the trainer was of a build that compresses nothing again.</param>
public sealed record ReproductionResult(string Verdict, string Reason, string? Digest, ReproductionResult? Variant = null)
{
    /// <summary>Whether it gives the model that was stored, or one that is as good.</summary>
    public bool Proves => Verdict is "identical" or "equivalent";
}

/// <summary>What a retry set going.</summary>
/// <param name="Attempt">The run's attempt that goes on now.</param>
/// <param name="Requeued">Pieces of work that are tried again; done work is kept.</param>
/// <param name="Redriven">Messages that are sent to their consumers again.</param>
public sealed record RunRetry(int Attempt, int Requeued, int Redriven);
