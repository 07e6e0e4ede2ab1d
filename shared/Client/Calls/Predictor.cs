using Grpc.Core;
using Microsoft.Extensions.Logging;
using Mlops.Protos;
using RequestedOutput = Mlops.Protos.ModelInferRequest.Types.InferRequestedOutputTensor;

namespace Mlops.Client.Calls;

/// <summary>
/// Maps rows to what the model takes, asks, and reads the answer. What a model takes is remembered; when it seems to have changed, it is
/// asked for again and the rows are mapped anew: once.
/// </summary>
internal sealed class Predictor
{
    /// <summary>The request parameter by which our server tells whose requests belong together; others pass over it.</summary>
    private const string RoutingKey = "routing_key";

    private static readonly TimeSpan LongestDeadline = TimeSpan.FromHours(1);

    private readonly GRPCInferenceService.GRPCInferenceServiceClient _service;
    private readonly InferenceClientOptions _options;
    private readonly TimeProvider _time;
    private readonly RetryingCaller _caller;
    private readonly KnownModels _models;

    public Predictor(ChannelBase channel, InferenceClientOptions options, TimeProvider time, Func<double> chance, ILogger logger)
    {
        _service = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        (_options, _time) = (options, time);
        _caller = new RetryingCaller(new RetryPolicy(options.MaxAttempts, options.InitialBackoff, options.MaxBackoff), time, chance, logger);
        _models = new KnownModels(LoadAsync, model => options.Columns.TryGetValue(model, out var columns) ? columns : [], time);
    }

    public async Task<ModelMetadata> AskMetadataAsync(ModelKey key, CancellationToken cancellationToken) =>
        (await _models.AskAsync(key, Budget(null), cancellationToken)).Metadata;

    public async Task<TAnswer> AskAsync<TRow, TAnswer>(
        ModelKey key, IReadOnlyList<TRow> rows, Func<ModelSchema, AnswerReader<TAnswer>> readerOf, TimeSpan? deadline, string? routingKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var budget = Budget(deadline);
        var known = _models.Find(key);
        var schema = known ?? await _models.AskAsync(key, budget, cancellationToken);
        for (var refreshed = false; ; refreshed = true)
        {
            ModelSchema fresh;
            try
            {
                var reader = readerOf(schema);
                var request = Request(key, schema, rows, reader.Outputs, routingKey);
                var response = await _caller.CallAsync(options => _service.ModelInferAsync(request, options), budget, cancellationToken);
                if (schema.Speaks(response.ModelVersion))
                    return reader.Read(response, rows.Count);
                if (refreshed)
                    throw new InferenceException(StatusCode.Unavailable, $"version {response.ModelVersion} of model '{key.Model}' answered, whose columns the server does not tell yet");
                fresh = await _models.RefreshAsync(key, schema, budget, cancellationToken);
                if (fresh.IsSameAs(schema.Metadata) && fresh.Speaks(response.ModelVersion))
                    return reader.Read(response, rows.Count);
            }
            catch (InferenceException refused) when (refused.Status == StatusCode.InvalidArgument && known is not null && !refreshed)
            {
                // Refused here or by the server: the model may take something else by now. If not, it is the rows or their type that are wrong.
                fresh = await _models.RefreshAsync(key, schema, budget, cancellationToken);
                if (fresh.IsSameAs(schema.Metadata))
                    throw;
            }

            schema = fresh;
        }
    }

    private static ModelInferRequest Request<TRow>(ModelKey key, ModelSchema schema, IReadOnlyList<TRow> rows, IReadOnlyList<string> outputs, string? routingKey)
    {
        var request = new ModelInferRequest { ModelName = key.Model, ModelVersion = key.Version };
        if (routingKey is not null)
            request.Parameters[RoutingKey] = new InferParameter { StringParam = routingKey };
        schema.Rows<TRow>().Write(request, rows);
        if (outputs.Count < schema.Metadata.Outputs.Count)
            request.Outputs.Add(outputs.Select(output => new RequestedOutput { Name = output }));
        return request;
    }

    private CallBudget Budget(TimeSpan? deadline) =>
        deadline is null || (deadline > TimeSpan.Zero && deadline <= LongestDeadline)
            ? new CallBudget(_time, deadline ?? _options.Deadline)
            : throw InferenceException.Invalid($"deadline: above zero and up to {LongestDeadline} is accepted, got {deadline}");

    /// <summary>For all callers who wait for it, so that it has the client's deadline and not one of theirs.</summary>
    private async Task<ModelMetadata> LoadAsync(ModelKey key)
    {
        var request = new ModelMetadataRequest { Name = key.Model, Version = key.Version };
        return MetadataReader.Read(await _caller.CallAsync(options => _service.ModelMetadataAsync(request, options), Budget(null), CancellationToken.None));
    }
}
