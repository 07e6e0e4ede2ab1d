using Mlops.TorchExport.Layers;
using static TorchSharp.torch;

namespace Mlops.TorchExport;

/// <summary>Adds what a layer computes outside training to a graph.</summary>
/// <param name="layer">The layer.</param>
/// <param name="graph">Where to.</param>
/// <param name="input">Name of the value that the layer is given.</param>
/// <returns>Name of the value that it answers with.</returns>
public delegate string LayerExporter<in TModule>(TModule layer, ExportGraph graph, string input);

/// <summary>How layers of each type are exported. Immutable.</summary>
public sealed class LayerExporters
{
    private readonly Dictionary<Type, LayerExporter<nn.Module>> _exporters;

    private LayerExporters(Dictionary<Type, LayerExporter<nn.Module>> exporters) => _exporters = exporters;

    /// <summary>Those of TorchSharp's layers. To add one: a method in the file of its family, a line in <see cref="StandardLayers"/>, a parity test.</summary>
    public static LayerExporters Standard { get; } = StandardLayers.AddTo(new LayerExporters([]));

    /// <summary>Names of the types that there is an exporter for, in order.</summary>
    public IReadOnlyList<string> Accepted => [.. _exporters.Keys.Select(type => type.Name).Order(StringComparer.Ordinal)];

    /// <summary>The same exporters and one for another type, and types derived from it; it goes before one that there is.</summary>
    public LayerExporters With<TModule>(LayerExporter<TModule> export)
        where TModule : nn.Module =>
        new(new Dictionary<Type, LayerExporter<nn.Module>>(_exporters) { [typeof(TModule)] = (layer, graph, input) => export((TModule)layer, graph, input) });

    /// <summary>The exporter of a layer; null if there is none.</summary>
    internal LayerExporter<nn.Module>? For(nn.Module layer)
    {
        if (_exporters.TryGetValue(layer.GetType(), out var exporter))
            return exporter;
        if (layer is IOnnxExportable own)
            return (_, graph, input) => own.Export(graph, input);
        for (var type = layer.GetType().BaseType; type is not null; type = type.BaseType)
        {
            if (_exporters.TryGetValue(type, out exporter))
                return exporter;
        }
        return null;
    }
}
