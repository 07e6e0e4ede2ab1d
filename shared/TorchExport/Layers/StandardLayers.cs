using TorchSharp.Modules;

namespace Mlops.TorchExport.Layers;

/// <summary>Which method exports which of TorchSharp's layers.</summary>
internal static class StandardLayers
{
    public static LayerExporters AddTo(LayerExporters exporters) =>
        AddSequences(AddShapes(AddActivations(AddNorms(AddPools(AddProducts(exporters))))));

    private static LayerExporters AddProducts(LayerExporters exporters) => exporters
        .With<Sequential>(Containers.Export)
        .With<Linear>(Dense.Export)
        .With<Embedding>(Dense.Export)
        .With<Conv1d>(Convolutions.Export)
        .With<Conv2d>(Convolutions.Export)
        .With<Conv3d>(Convolutions.Export);

    private static LayerExporters AddPools(LayerExporters exporters) => exporters
        .With<MaxPool1d>(Pools.Export)
        .With<MaxPool2d>(Pools.Export)
        .With<AvgPool1d>(Pools.Export)
        .With<AvgPool2d>(Pools.Export)
        .With<AdaptiveAvgPool1d>(Pools.Export)
        .With<AdaptiveAvgPool2d>(Pools.Export);

    private static LayerExporters AddNorms(LayerExporters exporters) => exporters
        .With<BatchNorm1d>(Norms.ExportBatch)
        .With<BatchNorm2d>(Norms.ExportBatch)
        .With<BatchNorm3d>(Norms.ExportBatch)
        .With<LayerNorm>(Norms.Export)
        .With<GroupNorm>(Norms.Export);

    private static LayerExporters AddActivations(LayerExporters exporters) => exporters
        .With<ReLU>((_, graph, input) => graph.Node("Relu", [input]))
        .With<ReLU6>((_, graph, input) => Rectifiers.ExportRelu6(graph, input))
        .With<LeakyReLU>(Rectifiers.Export)
        .With<ELU>(Rectifiers.Export)
        .With<CELU>(Rectifiers.Export)
        .With<SELU>((_, graph, input) => graph.Node("Selu", [input]))
        .With<GELU>(Gates.Export)
        .With<SiLU>((_, graph, input) => Gates.ExportSilu(graph, input))
        .With<Mish>((_, graph, input) => Gates.ExportMish(graph, input))
        .With<Hardswish>((_, graph, input) => graph.Node("HardSwish", [input]))
        .With<Sigmoid>((_, graph, input) => graph.Node("Sigmoid", [input]))
        .With<Hardsigmoid>((_, graph, input) => Gates.ExportHardSigmoid(graph, input))
        .With<Tanh>((_, graph, input) => graph.Node("Tanh", [input]))
        .With<Softsign>((_, graph, input) => graph.Node("Softsign", [input]))
        .With<Softplus>(Logarithms.Export)
        .With<LogSigmoid>((_, graph, input) => Logarithms.ExportLogSigmoid(graph, input))
        .With<Softmax>(Logarithms.Export)
        .With<LogSoftmax>(Logarithms.Export);

    private static LayerExporters AddShapes(LayerExporters exporters) => exporters
        .With<Flatten>(Shapes.Export)
        .With<Unflatten>(Shapes.Export)
        .With<Identity>(Nothing)
        .With<Dropout>(Nothing)
        .With<Dropout1d>(Nothing)
        .With<Dropout2d>(Nothing)
        .With<Dropout3d>(Nothing)
        .With<AlphaDropout>(Nothing)
        .With<FeatureAlphaDropout>(Nothing);

    private static LayerExporters AddSequences(LayerExporters exporters) => exporters
        .With<LSTM>(Recurrent.Export)
        .With<GRU>(Recurrent.Export)
        .With<TransformerEncoderLayer>(Encoders.Export)
        .With<TransformerEncoder>(Encoders.Export);

    private static string Nothing(TorchSharp.torch.nn.Module layer, ExportGraph graph, string input) => input;
}
