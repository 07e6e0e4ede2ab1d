using Google.Protobuf;
using Grpc.Core;
using Mlops.Protos;
using static Mlops.UnitTests.Inference.Requests;
using Output = Mlops.Protos.ModelInferResponse.Types.InferOutputTensor;
using Tensor = Mlops.Protos.ModelMetadataResponse.Types.TensorMetadata;

namespace Mlops.UnitTests.Client;

/// <summary>What a <see cref="ScriptedServer"/> tells and answers, in few words.</summary>
internal static class Scripts
{
    public static readonly Tensor Value = Tensor("value", "FP32", [-1, 1]);

    public static Tensor Tensor(string name, string datatype, long[] shape, string? columns = null)
    {
        var tensor = new Tensor { Name = name, Datatype = datatype, Shape = { shape } };
        if (columns is not null)
            tensor.Parameters.Add("columns", new InferParameter { StringParam = columns });
        return tensor;
    }

    /// <summary>A model with these inputs whose output is <see cref="Value"/>.</summary>
    public static ModelMetadataResponse Model(string version, params Tensor[] inputs) =>
        new() { Name = "m", Versions = { version }, Inputs = { inputs }, Outputs = { Value } };

    public static ModelInferResponse Answer(string version, params float[] values) => new()
    {
        ModelName = "m",
        ModelVersion = version,
        Outputs = { new Output { Name = "value", Datatype = "FP32", Shape = { values.Length, 1 } } },
        RawOutputContents = { ByteString.CopyFrom(Bytes(values)) },
    };

    public static RpcException Failure(StatusCode status, string text = "", Metadata? trailers = null) => new(new Status(status, text), trailers ?? []);
}
