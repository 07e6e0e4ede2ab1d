using System.Buffers.Binary;
using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Mlops.Protos;
using Tensor = Mlops.Protos.ModelInferRequest.Types.InferInputTensor;

namespace Mlops.Client;

/// <summary>
/// Asks a server of the Open Inference Protocol for predictions. One client serves many threads; keep it, because making one
/// opens a connection. Every failure is an <see cref="InferenceException"/>, except the caller's own cancellation.
/// </summary>
public sealed class InferenceClient : IDisposable
{
    private const int MaxMessageBytes = 64 << 20;

    private readonly ConcurrentDictionary<(string Model, string Version), ModelMetadata> _metadata = new();
    private readonly GRPCInferenceService.GRPCInferenceServiceClient _service;
    private readonly GrpcChannel? _owned;

    /// <summary>A client with a channel of its own.</summary>
    /// <param name="address">Such as <c>http://localhost:8001</c>; a message may have 64 MiB.</param>
    public InferenceClient(Uri address)
    {
        _owned = GrpcChannel.ForAddress(address, new GrpcChannelOptions { MaxReceiveMessageSize = MaxMessageBytes, MaxSendMessageSize = MaxMessageBytes });
        _service = new GRPCInferenceService.GRPCInferenceServiceClient(_owned);
    }

    /// <summary>A client on a channel that stays the caller's.</summary>
    public InferenceClient(GrpcChannel channel) => _service = new GRPCInferenceService.GRPCInferenceServiceClient(channel);

    /// <summary>Asks what a model takes and gives.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="version">Its number; null for the current one.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="InferenceException">The server does not know the model, or does not answer.</exception>
    public async Task<ModelMetadata> GetMetadataAsync(string model, string? version = null, CancellationToken cancellationToken = default)
    {
        var request = new ModelMetadataRequest { Name = model, Version = version ?? "" };
        var answer = await CallAsync(() => _service.ModelMetadataAsync(request, cancellationToken: cancellationToken), cancellationToken);
        var metadata = new ModelMetadata(answer.Name, [.. answer.Versions], answer.Platform, [.. answer.Inputs.Select(ToTensor)], [.. answer.Outputs.Select(ToTensor)]);
        _metadata[(model, version ?? "")] = metadata;
        return metadata;
    }

    /// <summary>Predicts rows whose values stand under their columns' names, by a model with an input per column.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="rows">A value that is null or not there is missing; a name that the model does not take is refused.</param>
    /// <param name="version">The model's version; null for the current one.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="InferenceException">The rows do not fit the model, or the server did not answer them.</exception>
    public async Task<Prediction> PredictAsync(string model, IReadOnlyList<IReadOnlyDictionary<string, object?>> rows, string? version = null, CancellationToken cancellationToken = default)
    {
        var metadata = await KnownMetadataAsync(model, version, cancellationToken);
        if (metadata.Inputs.FirstOrDefault(input => !input.IsColumn) is { } whole)
            throw InferenceException.Invalid($"model '{model}' takes '{whole.Name}' {whole}, not an input per column; send the values in the model's order");
        RequireKnownColumns(metadata, rows);
        var request = new ModelInferRequest { ModelName = model, ModelVersion = version ?? "" };
        foreach (var input in metadata.Inputs)
            Add(request, input, ColumnEncoder.Encode(input, rows), input.Shape.Count == 1 ? [rows.Count] : [rows.Count, 1]);
        return await InferAsync(request, rows.Count, cancellationToken);
    }

    /// <summary>Predicts rows of numbers, by a model with one FP32 input.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="rows">Each row's values in the model's order, which Governance's API and the ONNX file's metadata tell; a missing one is NaN.</param>
    /// <param name="version">The model's version; null for the current one.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="InferenceException">The rows do not fit the model, or the server did not answer them.</exception>
    public async Task<Prediction> PredictAsync(string model, IReadOnlyList<float[]> rows, string? version = null, CancellationToken cancellationToken = default)
    {
        var metadata = await KnownMetadataAsync(model, version, cancellationToken);
        if (metadata.Inputs is not [{ Datatype: "FP32", Shape: [-1, _] } input])
            throw InferenceException.Invalid($"model '{model}' takes {string.Join(", ", metadata.Inputs.Select(tensor => $"'{tensor.Name}' {tensor}"))}, not one FP32 input of rows; send the values by their columns' names");
        var width = input.Shape[1] >= 0 ? (int)input.Shape[1] : rows.Count > 0 ? rows[0].Length : 0;
        var request = new ModelInferRequest { ModelName = model, ModelVersion = version ?? "" };
        Add(request, input, Encode(rows, width), [rows.Count, width]);
        return await InferAsync(request, rows.Count, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _owned?.Dispose();

    private static TensorMetadata ToTensor(ModelMetadataResponse.Types.TensorMetadata tensor) => new(tensor.Name, tensor.Datatype, [.. tensor.Shape]);

    private static void RequireKnownColumns(ModelMetadata metadata, IReadOnlyList<IReadOnlyDictionary<string, object?>> rows)
    {
        var known = metadata.Inputs.Select(input => input.Name).ToHashSet();
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].Keys.FirstOrDefault(column => !known.Contains(column)) is { } unknown)
                throw InferenceException.Invalid($"row {row + 1}: model '{metadata.Name}' takes no column '{unknown}'; accepted: {string.Join(", ", metadata.Inputs.Select(input => input.Name))}");
        }
    }

    private static ByteString Encode(IReadOnlyList<float[]> rows, int width)
    {
        var bytes = new byte[(long)rows.Count * width * sizeof(float)];
        var rest = bytes.AsSpan();
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].Length != width)
                throw InferenceException.Invalid($"row {row + 1}: expected {width} values, got {rows[row].Length}");
            foreach (var value in rows[row])
            {
                BinaryPrimitives.WriteSingleLittleEndian(rest, value);
                rest = rest[sizeof(float)..];
            }
        }

        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    private static void Add(ModelInferRequest request, TensorMetadata input, ByteString contents, long[] shape)
    {
        request.Inputs.Add(new Tensor { Name = input.Name, Datatype = input.Datatype, Shape = { shape } });
        request.RawInputContents.Add(contents);
    }

    private async Task<ModelMetadata> KnownMetadataAsync(string model, string? version, CancellationToken cancellationToken) =>
        _metadata.TryGetValue((model, version ?? ""), out var known) ? known : await GetMetadataAsync(model, version, cancellationToken);

    private async Task<Prediction> InferAsync(ModelInferRequest request, int rows, CancellationToken cancellationToken) =>
        PredictionReader.Read(await CallAsync(() => _service.ModelInferAsync(request, cancellationToken: cancellationToken), cancellationToken), rows);

    private static async Task<T> CallAsync<T>(Func<AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RpcException failure)
        {
            throw new InferenceException(failure);
        }
    }
}
