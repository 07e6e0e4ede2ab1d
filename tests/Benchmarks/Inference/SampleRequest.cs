using Google.Protobuf;
using Mlops.Protos;

namespace Mlops.Benchmarks.Inference;

/// <summary>The request that loads repeat: one row of a <see cref="SampleModel"/>.</summary>
internal static class SampleRequest
{
    public const string Method = "/inference.GRPCInferenceService/ModelInfer";

    public static byte[] Of(string model, int width)
    {
        var random = new Random(2);
        var row = new byte[width * sizeof(float)];
        for (var column = 0; column < width; column++)
            BitConverter.TryWriteBytes(row.AsSpan(column * sizeof(float)), random.NextSingle());
        return new ModelInferRequest
        {
            ModelName = model,
            Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "features", Datatype = "FP32", Shape = { 1, width } } },
            RawInputContents = { ByteString.CopyFrom(row) },
        }.ToByteArray();
    }
}
