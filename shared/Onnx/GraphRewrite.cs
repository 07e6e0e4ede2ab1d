using Mlops.Onnx.Certificates;
using Mlops.Onnx.Format;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Onnx;

/// <summary>
/// A pass over a graph: the nodes of a copy are walked in order, and each is kept or replaced by emitted ones.
/// The model that it starts from is not changed.
/// </summary>
internal sealed class GraphRewrite
{
    private readonly ModelProto _model;
    private readonly List<NodeProto> _emitted = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);

    public GraphRewrite(ModelProto source)
    {
        _model = source.Clone();
        ParityCertificate.Remove(_model);
        Nodes = [.. _model.Graph.Node];
        _names.UnionWith(GraphUses.AllNames(_model.Graph));
        // A constant that is an input too may be replaced by the caller, so it is none.
        var inputs = _model.Graph.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var tensor in _model.Graph.Initializer.Where(tensor => !inputs.Contains(tensor.Name)))
            _constants[tensor.Name] = tensor;
        foreach (var node in Nodes.Where(node => IsOnnx(node, "Constant") && node.Output.Count == 1))
            if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T is { } tensor)
                _constants[node.Output[0]] = tensor;
    }

    /// <summary>The nodes of the source, in order.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>The graph that the nodes stand in.</summary>
    public GraphProto Graph => _model.Graph;

    /// <summary>Whether the node is of that operator of ONNX's own domain.</summary>
    public static bool IsOnnx(NodeProto node, string opType) => node.OpType == opType && GraphChecker.DomainOf(node.Domain).Length == 0;

    /// <summary>The constant of 32-bit floats with that name and number of dimensions, or null.</summary>
    public TensorProto? FloatConstant(string name, int? rank = null) =>
        _constants.TryGetValue(name, out var tensor) && tensor.DataType == (int)DataType.Float && (rank is null || tensor.Dims.Count == rank)
            ? tensor
            : null;

    /// <summary>Keeps a node as it is.</summary>
    public void Keep(NodeProto node) => _emitted.Add(node);

    /// <summary>Adds a constant under a new name that begins with the tensor's.</summary>
    /// <returns>The new name.</returns>
    public string Constant(TensorProto tensor)
    {
        tensor.Name = Fresh(tensor.Name);
        _model.Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Adds a node with one output.</summary>
    /// <returns>The output's name: <paramref name="output"/>, or a new one.</returns>
    public string Emit(string opType, IReadOnlyList<string> inputs, string? output = null, IReadOnlyList<AttributeProto>? attributes = null) =>
        EmitMany(opType, inputs, [output ?? Fresh(opType)], attributes)[0];

    /// <summary>Adds a node with the given outputs.</summary>
    public IReadOnlyList<string> EmitMany(string opType, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, IReadOnlyList<AttributeProto>? attributes = null)
    {
        var node = new NodeProto { OpType = opType, Name = Fresh($"{opType}_node") };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes ?? []);
        _emitted.Add(node);
        return outputs;
    }

    /// <summary>A name that nothing in the model has.</summary>
    public string Fresh(string stem)
    {
        var name = stem;
        for (var i = 2; !_names.Add(name); i++)
            name = $"{stem}_{i}";
        return name;
    }

    /// <summary>The rewritten model, without what nobody uses any more.</summary>
    public ModelProto Finish()
    {
        _model.Graph.Node.Clear();
        _model.Graph.Node.AddRange(_emitted);
        GraphUses.RemoveUnused(_model.Graph);
        return _model;
    }
}
