using System.Security.Cryptography;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Client.Calls;

namespace Mlops.Client;

/// <summary>
/// Asks servers of the Open Inference Protocol for predictions. One client serves many threads; keep it, because making one
/// opens connections. Every failure is an <see cref="InferenceException"/>, except the caller's own cancellation. What is
/// unavailable is tried again, on another replica where there is one, until the deadline (<see cref="InferenceClientOptions"/>).
/// </summary>
public sealed class InferenceClient : IDisposable
{
    private readonly Predictor _predictor;
    private readonly GrpcChannel? _owned;

    /// <summary>A client of one server, with every option as it is by default.</summary>
    /// <param name="address">Such as <c>http://localhost:8001</c>.</param>
    public InferenceClient(Uri address)
        : this(new InferenceClientOptions { Addresses = { address.OriginalString } })
    {
    }

    /// <summary>A client with a channel of its own.</summary>
    /// <param name="options">Read once.</param>
    /// <param name="time">Measures deadlines and waits; null for the system's clock.</param>
    /// <param name="loggers">Told of connections and of calls that are tried again; null for none.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are not accepted; it tells everything that is wrong.</exception>
    public InferenceClient(InferenceClientOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        loggers ??= NullLoggerFactory.Instance;
        _owned = InferenceChannel.Open(InferenceClientOptionsCheck.Require(options), loggers);
        _predictor = new Predictor(_owned, options, time ?? TimeProvider.System, Chance, loggers.CreateLogger<InferenceClient>());
    }

    /// <summary>A client on a channel that stays the caller's, and that says how connections are made.</summary>
    public InferenceClient(GrpcChannel channel) =>
        _predictor = new Predictor(channel, new InferenceClientOptions(), TimeProvider.System, Chance, NullLogger.Instance);

    /// <summary>Asks what a model takes and gives.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="version">Its number; null for the current one.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="InferenceException">The server does not know the model, or does not answer.</exception>
    public Task<ModelMetadata> GetMetadataAsync(string model, string? version = null, CancellationToken cancellationToken = default) =>
        _predictor.AskMetadataAsync(new ModelKey(model, version ?? ""), cancellationToken);

    /// <summary>
    /// Predicts one row of a type whose properties are the model's columns: of the same name, or of one that differs in case and
    /// underscores alone (<c>SepalLength</c> for <c>sepal_length</c>), or that <c>[JsonPropertyName]</c> tells. <c>[JsonIgnore]</c> leaves a
    /// property out. A value that is null is missing. A property of numbers or texts (<c>float[]</c>) is an input with many values a row. Enums
    /// are sent as their members' names, or what <c>[JsonStringEnumMemberName]</c> tells.
    /// </summary>
    /// <remarks>
    /// A model that takes all columns in one tensor gets them by name if the server or <see cref="InferenceClientOptions.Columns"/> tells their
    /// order. Otherwise they are sent in the order in which the properties are declared, a base type's first: keep it the model's.
    /// </remarks>
    /// <typeparam name="TRow">A record, class or struct.</typeparam>
    /// <typeparam name="TResult">
    /// A string, enum, number or list for the output that fits, such as <c>string</c> for a class and <c>float</c> for a value; or a type whose
    /// properties are outputs (<c>Label</c>, <c>Probabilities</c>, <c>Value</c> with our models), named as a row's are, or tell where the answer comes
    /// from: <c>ModelName</c>, <c>ModelVersion</c>, <c>ArtifactDigest</c>, <c>ModelVersionId</c>, <c>PipelineRunId</c>.
    /// </typeparam>
    /// <param name="model">The model's name.</param>
    /// <param name="row">The row.</param>
    /// <param name="version">The model's version; null for the current one.</param>
    /// <param name="deadline">How long it may take, all attempts together; null for <see cref="InferenceClientOptions.Deadline"/>.</param>
    /// <param name="routingKey">Such as a user's id: while another version is tried, requests of one key are answered by the same one.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="InferenceException">A type or the row does not fit the model, or the server did not answer.</exception>
    public async Task<TResult> PredictAsync<TRow, TResult>(
        string model, TRow row, string? version = null, TimeSpan? deadline = null, string? routingKey = null, CancellationToken cancellationToken = default)
    {
        TRow[] rows = [row];
        return (await PredictAsync<TRow, TResult>(model, rows, version, deadline, routingKey, cancellationToken))[0];
    }

    /// <summary>Predicts rows together, in one request: as one row, and answered in the rows' order.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="version">The model's version; null for the current one.</param>
    /// <param name="deadline">How long it may take, all attempts together; null for <see cref="InferenceClientOptions.Deadline"/>.</param>
    /// <param name="routingKey">Such as a user's id: while another version is tried, requests of one key are answered by the same one.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <inheritdoc cref="PredictAsync{TRow, TResult}(string, TRow, string?, TimeSpan?, string?, CancellationToken)"/>
    public Task<IReadOnlyList<TResult>> PredictAsync<TRow, TResult>(
        string model, IReadOnlyList<TRow> rows, string? version = null, TimeSpan? deadline = null, string? routingKey = null, CancellationToken cancellationToken = default) =>
        _predictor.AskAsync(new ModelKey(model, version ?? ""), rows, Answers.Typed<TResult>, deadline, routingKey, cancellationToken);

    /// <summary>Predicts rows whose values stand under their columns' names, by a model with an input per column.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="rows">A value that is null or not there is missing; a name that the model does not take is refused.</param>
    /// <param name="version">The model's version; null for the current one.</param>
    /// <param name="deadline">How long it may take, all attempts together; null for <see cref="InferenceClientOptions.Deadline"/>.</param>
    /// <param name="routingKey">Such as a user's id: while another version is tried, requests of one key are answered by the same one.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="InferenceException">The rows do not fit the model, or the server did not answer them.</exception>
    public Task<Prediction> PredictAsync(
        string model, IReadOnlyList<IReadOnlyDictionary<string, object?>> rows, string? version = null, TimeSpan? deadline = null, string? routingKey = null, CancellationToken cancellationToken = default) =>
        _predictor.AskAsync(new ModelKey(model, version ?? ""), rows, Answers.Whole, deadline, routingKey, cancellationToken);

    /// <summary>Predicts rows of numbers, by a model with one FP32 input.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="rows">Each row's values in the model's order, which Governance's API and the ONNX file's metadata tell; a missing one is NaN.</param>
    /// <param name="version">The model's version; null for the current one.</param>
    /// <param name="deadline">How long it may take, all attempts together; null for <see cref="InferenceClientOptions.Deadline"/>.</param>
    /// <param name="routingKey">Such as a user's id: while another version is tried, requests of one key are answered by the same one.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="InferenceException">The rows do not fit the model, or the server did not answer them.</exception>
    public Task<Prediction> PredictAsync(
        string model, IReadOnlyList<float[]> rows, string? version = null, TimeSpan? deadline = null, string? routingKey = null, CancellationToken cancellationToken = default) =>
        _predictor.AskAsync(new ModelKey(model, version ?? ""), rows, Answers.Whole, deadline, routingKey, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _owned?.Dispose();

    // Clients that began together must not come back together, so that this is one chance nobody gives a seed to.
    private static double Chance() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
