using System.Text.Json;
using Mlops.Protos;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>What a model is, in the protocol's messages.</summary>
internal static class ModelMessages
{
    public static ModelMetadataResponse Metadata(ModelDescription model) => new()
    {
        Name = model.Version.Model,
        Versions = { model.Versions },
        Platform = ServerIdentity.Platform,
        Inputs = { model.Inputs.Select(ToMetadata) },
        Outputs = { model.Outputs.Select(ToMetadata) },
    };

    public static ModelConfig Config(ModelDescription model)
    {
        var config = new ModelConfig
        {
            Name = model.Version.Model,
            Platform = ServerIdentity.Platform,
            Backend = "onnxruntime",
            InstanceGroup = { new ModelInstanceGroup { Name = model.Version.Model, Count = model.Batching.Runs, Kind = model.Provider == ExecutionProvider.Cuda ? ModelInstanceGroup.Types.Kind.Gpu : ModelInstanceGroup.Types.Kind.Cpu } },
            DefaultModelFilename = "model.onnx",
            MaxBatchSize = model.Batching.MaxRows,
            Input = { model.Inputs.Select(fact => new ModelInput { Name = fact.Name, DataType = ToDataType(fact.Datatype), Dims = { Dims(fact, model.Batching) } }) },
            Output = { model.Outputs.Select(fact => new ModelOutput { Name = fact.Name, DataType = ToDataType(fact.Datatype), Dims = { Dims(fact, model.Batching) } }) },
        };
        if (model.Batching is { SharedRows: > 1, Options: var options })
            config.DynamicBatching = new ModelDynamicBatching { PreferredBatchSize = { options.PreferredRows }, MaxQueueDelayMicroseconds = (ulong)options.MaxQueueDelayMicroseconds };
        return config;
    }

    public static RepositoryIndexResponse Index(IEnumerable<ModelStatus> statuses, bool onlyReady) => new()
    {
        Models =
        {
            statuses.Where(status => !onlyReady || status.State == ModelState.Ready).Select(status => new RepositoryIndexResponse.Types.ModelIndex
            {
                Name = status.Version.Model,
                Version = status.Version.Number,
                State = StateOf(status.State),
                Reason = status.Reason ?? "",
            }),
        },
    };

    private static string StateOf(ModelState state) => state switch
    {
        ModelState.Loading => "LOADING",
        ModelState.Ready => "READY",
        ModelState.Draining => "UNLOADING",
        _ => "UNAVAILABLE",
    };

    private static ModelMetadataResponse.Types.TensorMetadata ToMetadata(TensorFact fact)
    {
        var metadata = new ModelMetadataResponse.Types.TensorMetadata { Name = fact.Name, Datatype = fact.Datatype.Name, Shape = { fact.Shape } };
        if (!fact.Columns.IsEmpty)
            metadata.Parameters.Add("columns", new InferParameter { StringParam = JsonSerializer.Serialize(fact.Columns) });
        return metadata;
    }

    private static IEnumerable<long> Dims(TensorFact fact, ModelBatching batching) => batching.MaxRows > 0 ? fact.Shape.Skip(1) : fact.Shape;

    private static DataType ToDataType(TensorDatatype datatype) => Enum.Parse<DataType>($"Type{(datatype.IsBytes ? "String" : datatype.Name)}", ignoreCase: true);
}
