using Mlops.Onnx;
using Mlops.TorchExport;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>The ONNX export of a layer.</summary>
internal static class LayerExport
{
    /// <summary>Adds what it computes outside training, its constants under <c>network/</c>.</summary>
    public static string Export(this nn.Module layer, GraphBuilder graph, string input) =>
        new ExportGraph(graph, LayerExporters.Standard, path: "network").Layer(layer, input);
}
