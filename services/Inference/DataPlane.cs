using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;
using Mlops.Inference.Wire;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>What the protocol's fronts translate to and from: everything about inference that no wire format knows of.</summary>
public sealed partial class DataPlane(ModelHost host, IOptions<InferenceOptions> options, ILogger<DataPlane> logger)
{
    /// <summary>Answers a request.</summary>
    /// <param name="request">Its contents are read until the task is done.</param>
    /// <param name="cancellationToken">The caller's; honoured until the model runs.</param>
    /// <exception cref="Fault">The request cannot be answered.</exception>
    public async ValueTask<InferenceResult> InferAsync(InferenceRequest request, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        using var handle = await host.AcquireAsync(request.Model, request.Version, request.Parameters.RoutingKey, cancellationToken);
        try
        {
            var accepted = RequestCheck.Check(request, handle.Model, options.Value);
            cancellationToken.ThrowIfCancellationRequested();
            var answer = accepted.IsEmpty
                ? new ModelAnswer(EmptyBatch.Answer(accepted.Outputs, handle.Model), null)
                : await RunAsync(accepted, request.Parameters, handle, cancellationToken);
            handle.Served.Statistics.Success.AddSince(begun);
            handle.Trial?.Answered(handle.Served.Version, request, Stopwatch.GetElapsedTime(begun), answer.Outputs);
            return new InferenceResult(handle.Served.Version, answer);
        }
        catch
        {
            handle.Served.Statistics.Fail.AddSince(begun);
            handle.Trial?.Failed(handle.Served.Version);
            throw;
        }
    }

    /// <summary>Names that requests repeat.</summary>
    public KnownNames Names => host.Names;

    /// <summary>What a model takes and gives. One that had to leave memory is loaded for it.</summary>
    /// <exception cref="Fault">There is no such model or version, or it is not ready.</exception>
    public async ValueTask<ModelDescription> DescribeAsync(string name, string version, CancellationToken cancellationToken)
    {
        using var handle = await host.AcquireAsync(name, version, "", cancellationToken);
        return new ModelDescription(handle.Served.Version, host.VersionsLike(handle), handle.Model.Inputs, handle.Model.Outputs, Batching(handle), handle.Model.Provider);
    }

    /// <summary>What versions have done: one, those of a model, or with an empty name all.</summary>
    /// <exception cref="Fault">There is no such model or version.</exception>
    public IReadOnlyList<ServedModel> Loaded(string name, string version) => host.Loaded(name, version);

    /// <summary>How every version stands.</summary>
    public IReadOnlyList<ModelStatus> Statuses => host.Statuses;

    /// <summary>Whether a model answers now.</summary>
    /// <exception cref="Fault">There is no such model or version.</exception>
    public bool IsReady(string name, string version) => host.Answers(name, version);

    /// <summary>Whether the server answers.</summary>
    public bool IsReady() => host.IsReady;

    private ModelBatching Batching(ModelHandle handle)
    {
        var rows = handle.Model.Inputs.Concat(handle.Model.Outputs).All(tensor => tensor.HasBatch) ? options.Value.MaxBatchSize : 0;
        return new ModelBatching(rows, handle.Served.Batcher.Capacity, handle.Served.Batcher.Runs, options.Value.BatchingOf(handle.Served.Version.Model));
    }

    private async ValueTask<ModelAnswer> RunAsync(CheckedRequest request, RequestParameters parameters, ModelHandle handle, CancellationToken cancellationToken)
    {
        try
        {
            return await handle.Served.Batcher.RunAsync(request, parameters, cancellationToken);
        }
        catch (OnnxRuntimeException failure)
        {
            // A model that still answers a row of zeros is sound: then it is the request's values that it cannot take.
            if (!handle.Model.TryMadeRow(out _))
                throw;
            LogRefused(failure, handle.Served.Version.Model, handle.Served.Version.Version);
            throw Fault.Invalid("inputs", $"model '{handle.Served.Version.Model}' cannot run these inputs: an operator in it takes no such shapes or values");
        }
    }

    [LoggerMessage(LogLevel.Information, "{Model} version {Version} could not run a request.")]
    private partial void LogRefused(Exception failure, string model, int version);
}

/// <summary>What a model takes and gives.</summary>
/// <param name="Version">Which version speaks.</param>
/// <param name="Versions">Numbers of those that may be asked for and take and give the same.</param>
/// <param name="Inputs">In the model's order.</param>
/// <param name="Outputs">In the model's order.</param>
/// <param name="Batching">How many rows it takes at once.</param>
/// <param name="Provider">What runs it.</param>
public sealed record ModelDescription(
    ServedVersion Version, IReadOnlyList<string> Versions, ImmutableArray<TensorFact> Inputs, ImmutableArray<TensorFact> Outputs, ModelBatching Batching, ExecutionProvider Provider);

/// <summary>How many rows a model takes at once.</summary>
/// <param name="MaxRows">Most rows of a request; 0 where a first dimension is no number of rows.</param>
/// <param name="SharedRows">Most rows of a run that several requests share; 1 where they share none.</param>
/// <param name="Runs">Runs at once.</param>
/// <param name="Options">The settings behind it.</param>
public sealed record ModelBatching(int MaxRows, int SharedRows, int Runs, BatchingOptions Options);
