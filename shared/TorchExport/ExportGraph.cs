using System.Runtime.InteropServices;
using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Mlops.TorchExport.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.TorchExport;

/// <summary>
/// A graph that a module's layers are added to. It knows where in the module it is, for the names of constants and for what is
/// said when something cannot be exported.
/// </summary>
public sealed class ExportGraph
{
    private readonly LayerExporters _exporters;
    private readonly nn.Module? _parent;
    private readonly List<Problem>? _problems;

    /// <summary>A graph that layers are added to one by one.</summary>
    /// <param name="builder">Has the inputs already.</param>
    /// <param name="exporters">For <see cref="Layer"/>.</param>
    /// <param name="path">What the constants' names begin with.</param>
    public ExportGraph(GraphBuilder builder, LayerExporters exporters, string path = "")
        : this(builder, exporters, path, parent: null, problems: null)
    {
    }

    // What cannot be exported is added to the problems, or thrown where there is no list of them.
    internal ExportGraph(GraphBuilder builder, LayerExporters exporters, string path, nn.Module? parent, List<Problem>? problems) =>
        (Builder, _exporters, Path, _parent, _problems) = (builder, exporters, path, parent, problems);

    /// <summary>For whatever is not here.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>Where the module is that is exported now, from the outermost one on: <c>encoder.2.conv1</c>; empty for the outermost.</summary>
    public string Path { get; }

    /// <summary>Adds a layer of the module.</summary>
    /// <param name="layer">Of the module that is exported now, or any where there is none yet.</param>
    /// <param name="input">Name of the value that it is given.</param>
    /// <returns>Name of the value that it answers with.</returns>
    /// <exception cref="Fault">Invalid: the layer cannot be exported. Within <c>OnnxExport.From</c> all of them are told at once, at its end.</exception>
    public string Layer(nn.Module layer, string input) => Within(layer, graph => _exporters.For(layer) is { } exporter
        ? exporter(layer, graph, input)
        : throw graph.Refuse($"{layer.GetType().Name} is not accepted; {string.Join(", ", _exporters.Accepted)} are, and what {nameof(IOnnxExportable)} or {nameof(LayerExporters)}.{nameof(LayerExporters.With)} is for")) ?? input;

    /// <summary>Adds multi-head attention, without masks, over values [steps, batch, width].</summary>
    /// <param name="layer">Of the module that is exported now. TorchSharp does not tell how many heads it has: they are found out by its answers.</param>
    /// <param name="query">Name of the value that asks.</param>
    /// <param name="key">Name of the value that is compared with it.</param>
    /// <param name="value">Name of the value that is mixed.</param>
    /// <returns>Name of the value that it answers with.</returns>
    /// <exception cref="Fault">Invalid: as for <see cref="Layer"/>.</exception>
    public string Attention(MultiheadAttention layer, string query, string key, string value) =>
        Within(layer, graph => Encoders.Export(layer, graph, query, key, value)) ?? query;

    /// <summary>Adds a node with one output of ONNX's own domain, opset 17.</summary>
    /// <returns>The name of its output.</returns>
    public string Node(string opType, IReadOnlyList<string> inputs, params IReadOnlyList<AttributeProto> attributes) => Builder.Node(opType, inputs, attributes);

    /// <summary>Adds a constant of the elements of a tensor of 32-bit floats, from whichever device they are on.</summary>
    /// <exception cref="Fault">It is of another type.</exception>
    public string Weight(string name, Tensor values)
    {
        if (values.dtype != ScalarType.Float32)
            throw Refuse($"{name} is of {values.dtype}; Float32 is accepted (module.to(ScalarType.Float32))");
        using var scope = NewDisposeScope();
        return Builder.Floats(Named(name), MemoryMarshal.Cast<byte, float>(values.detach().cpu().contiguous().bytes), values.shape);
    }

    /// <summary>Adds a constant of 32-bit floats.</summary>
    public string Floats(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> dims) => Builder.Floats(Named(name), values, dims);

    /// <summary>Adds a constant that is one number, without dimensions.</summary>
    public string Number(string name, double value) => Floats(name, [(float)value]);

    /// <summary>Adds a constant vector of 64-bit integers.</summary>
    public string Integers(string name, params ReadOnlySpan<long> values) => Builder.Integers(Named(name), values);

    /// <summary>The mistake that the layer at <see cref="Path"/> cannot be exported.</summary>
    /// <param name="message">What was found and what is accepted.</param>
    public Fault Refuse(string message) => Fault.Invalid(Path, message);

    private string? Within(nn.Module layer, Func<ExportGraph, string> export)
    {
        try
        {
            return export(new ExportGraph(Builder, _exporters, PathOf(layer), layer, _problems));
        }
        catch (Fault fault) when (_problems is not null)
        {
            _problems.AddRange(fault.Problems);
            return null;
        }
    }

    private string PathOf(nn.Module layer)
    {
        if (_parent is null)
            return Path;
        var name = _parent.named_modules().FirstOrDefault(descendant => ReferenceEquals(descendant.module, layer)).name ?? layer.GetType().Name;
        return Path.Length == 0 ? name : $"{Path}.{name}";
    }

    private string Named(string name) => Path.Length == 0 ? name : $"{Path}/{name}";
}
