using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>What the protocol's fronts translate to and from: everything about inference that no wire format knows of.</summary>
public sealed partial class DataPlane(ModelHost host, IOptions<InferenceOptions> options, ILogger<DataPlane> logger)
{
    /// <summary>Answers a request.</summary>
    /// <param name="request">Its contents are read until the task is done.</param>
    /// <param name="cancellationToken">The caller's; honoured until the model runs.</param>
    /// <exception cref="Fault">The request cannot be answered.</exception>
    public ValueTask<InferenceResult> InferAsync(InferenceRequest request, CancellationToken cancellationToken)
    {
        using var handle = host.Acquire(request.Model, request.Version);
        var accepted = RequestCheck.Check(request, handle.Model, options.Value);
        cancellationToken.ThrowIfCancellationRequested();
        var outputs = accepted.IsEmpty ? EmptyBatch.Answer(accepted.Outputs, handle.Model) : Run(accepted, handle);
        return ValueTask.FromResult(new InferenceResult(handle.Served.Version, outputs));
    }

    /// <summary>What a model takes and gives.</summary>
    /// <exception cref="Fault">There is no such model or version, or it is not ready.</exception>
    public ModelDescription Describe(string name, string version)
    {
        using var handle = host.Acquire(name, version);
        return new ModelDescription(handle.Served.Version, handle.Model.Inputs, handle.Model.Outputs);
    }

    /// <summary>Whether a model answers now.</summary>
    /// <exception cref="Fault">There is no such model or version.</exception>
    public bool IsReady(string name, string version) => host.Answers(name, version);

    /// <summary>Whether the server answers.</summary>
    public bool IsReady() => host.IsReady;

    private OutputTensor[] Run(in CheckedRequest request, ModelHandle handle)
    {
        try
        {
            return handle.Model.Run(request.Inputs, request.Outputs);
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
/// <param name="Inputs">In the model's order.</param>
/// <param name="Outputs">In the model's order.</param>
public sealed record ModelDescription(ServedVersion Version, ImmutableArray<TensorFact> Inputs, ImmutableArray<TensorFact> Outputs);
