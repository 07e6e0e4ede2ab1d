using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Mlops.Protos;
using Shouldly;
using Xunit;
using Input = Mlops.Protos.ModelInferRequest.Types.InferInputTensor;

namespace Mlops.UnitTests.Inference;

/// <summary>Requests and answers in few words.</summary>
internal static class Requests
{
    public static ModelInferRequest To(string model, params ReadOnlySpan<(Input Tensor, byte[]? Raw)> inputs)
    {
        var request = new ModelInferRequest { ModelName = model };
        foreach (var (tensor, raw) in inputs)
        {
            request.Inputs.Add(tensor);
            if (raw is not null)
                request.RawInputContents.Add(ByteString.CopyFrom(raw));
        }

        return request;
    }

    public static (Input, byte[]?) Raw(string name, string datatype, long[] shape, byte[] contents) =>
        (new Input { Name = name, Datatype = datatype, Shape = { shape } }, contents);

    public static (Input, byte[]?) Floats(string name, long[] shape, params float[] values) => Raw(name, "FP32", shape, Bytes(values));

    public static (Input, byte[]?) Typed(string name, string datatype, long[] shape, InferTensorContents contents) =>
        (new Input { Name = name, Datatype = datatype, Shape = { shape }, Contents = contents }, null);

    public static byte[] Bytes<T>(params T[] values)
        where T : struct => MemoryMarshal.AsBytes<T>(values).ToArray();

    /// <summary>Texts in the protocol's raw form.</summary>
    public static byte[] Texts(params string[] values) =>
        [.. values.SelectMany(value => (byte[])[.. BitConverter.GetBytes(System.Text.Encoding.UTF8.GetByteCount(value)), .. System.Text.Encoding.UTF8.GetBytes(value)])];

    public static float[] Singles(ReadOnlySpan<byte> contents) => MemoryMarshal.Cast<byte, float>(contents).ToArray();

    public static float[] Floats(ModelInferResponse response, int output = 0) =>
        Singles(response.RawOutputContents[output].Span);

    public static async Task<ModelInferResponse> InferAsync(this InferenceServer server, ModelInferRequest request) =>
        await server.Client.ModelInferAsync(request, cancellationToken: TestContext.Current.CancellationToken);

    public static async Task<Status> RefusalAsync(this InferenceServer server, ModelInferRequest request) =>
        (await Should.ThrowAsync<RpcException>(() => server.InferAsync(request))).Status;
}
