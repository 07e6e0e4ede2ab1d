using Google.Protobuf;
using Mlops.Onnx.Format;
using AttributeType = Mlops.Onnx.Format.AttributeProto.Types.AttributeType;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Onnx;

/// <summary>
/// Builds an ONNX model node by node. Each method that adds something returns the name of the value it made,
/// so that a graph reads like the computation it stands for.
/// </summary>
public sealed class GraphBuilder
{
    /// <summary>Domain of the operators for classical machine learning.</summary>
    public const string MlDomain = "ai.onnx.ml";

    /// <summary>Domain of ONNX Runtime's own operators.</summary>
    public const string MicrosoftDomain = "com.microsoft";

    private readonly ModelProto _model = new()
    {
        IrVersion = 8,
        ProducerName = "mlops",
        Graph = new GraphProto { Name = "model" },
        OpsetImport =
        {
            new OperatorSetIdProto { Domain = "", Version = 17 },
            new OperatorSetIdProto { Domain = MlDomain, Version = 3 },
        },
    };

    // Inputs are named after a data set's columns, which may be called anything.
    private readonly HashSet<string> _taken = [];
    private int _values;

    /// <summary>Adds an input; all of them before the first node. A dimension of −1 varies; the first one is named <c>batch</c>.</summary>
    public string Input(string name, DataType type, params ReadOnlySpan<long> shape)
    {
        _taken.Add(name);
        _model.Graph.Input.Add(ValueInfo(name, type, shape));
        return name;
    }

    /// <summary>Declares that the value <paramref name="from"/> leaves the graph as <paramref name="name"/>.</summary>
    public void Output(string name, string from, DataType type, params ReadOnlySpan<long> shape)
    {
        Add("Identity", [from], [name]);
        _model.Graph.Output.Add(ValueInfo(name, type, shape));
    }

    /// <summary>Adds a constant; its name is made unique.</summary>
    public string Constant(TensorProto tensor)
    {
        tensor.Name = Fresh(tensor.Name.Length == 0 ? "constant" : tensor.Name);
        _model.Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Adds a constant of 32-bit floats.</summary>
    public string Floats(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> dims) => Constant(Tensors.Of(name, values, dims));

    /// <summary>Adds a constant vector of 64-bit integers.</summary>
    public string Integers(string name, params ReadOnlySpan<long> values) => Constant(Tensors.Of(name, values, values.Length));

    /// <summary>Values after one another along axis 1; one alone stays what it is.</summary>
    public string Concat(IReadOnlyList<string> parts) => parts.Count == 1 ? parts[0] : Node("Concat", parts, Attribute("axis", 1L));

    /// <summary>The same numbers as another type.</summary>
    public string Cast(string values, DataType type) => Node("Cast", [values], Attribute("to", (long)type));

    /// <summary>Neighbouring places along an axis.</summary>
    public string Slice(string values, int axis, long start, long count) =>
        Node("Slice", [values, Integers("slice/start", start), Integers("slice/end", start + count), Integers("slice/axis", axis)]);

    /// <summary>The parts of texts [N] that match a regular expression (RE2's), [N, as many as the text with the most has]; the padding behind the others.</summary>
    public string Tokens(string texts, string expression, string padding) => NodeIn(MicrosoftDomain, "Tokenizer", [texts],
        Attribute("tokenexp", expression), Attribute("pad_value", padding), Attribute("mincharnum", 1L), Attribute("mark", 0L));

    /// <summary>Adds a node with one output of ONNX's own domain.</summary>
    /// <returns>The name of its output.</returns>
    public string Node(string opType, IReadOnlyList<string> inputs, params IReadOnlyList<AttributeProto> attributes) =>
        NodeIn("", opType, inputs, attributes);

    /// <summary>Adds a node with one output of another domain.</summary>
    /// <returns>The name of its output.</returns>
    public string NodeIn(string domain, string opType, IReadOnlyList<string> inputs, params IReadOnlyList<AttributeProto> attributes)
    {
        if (domain == MicrosoftDomain && _model.OpsetImport.All(import => import.Domain != domain))
            _model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
        var output = Fresh(opType);
        Add(opType, inputs, [output], domain, attributes);
        return output;
    }

    /// <summary>Adds a text to the model's metadata.</summary>
    public void Metadata(string key, string value) => _model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });

    /// <summary>The finished model.</summary>
    public ModelProto Build() => _model.Clone();

    /// <summary>An integer attribute.</summary>
    public static AttributeProto Attribute(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    /// <summary>A float attribute.</summary>
    public static AttributeProto Attribute(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    /// <summary>A text attribute.</summary>
    public static AttributeProto Attribute(string name, string value) =>
        new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    /// <summary>An attribute that is a list of integers.</summary>
    public static AttributeProto Attribute(string name, IEnumerable<long> values) => new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    /// <summary>An attribute that is a list of floats.</summary>
    public static AttributeProto Attribute(string name, IEnumerable<float> values) => new() { Name = name, Type = AttributeType.Floats, Floats = { values } };

    /// <summary>An attribute that is a list of texts.</summary>
    public static AttributeProto Attribute(string name, IEnumerable<string> values) =>
        new() { Name = name, Type = AttributeType.Strings, Strings = { values.Select(ByteString.CopyFromUtf8) } };

    private void Add(string opType, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, string domain = "", IReadOnlyList<AttributeProto>? attributes = null)
    {
        var node = new NodeProto { OpType = opType, Domain = domain, Name = Fresh($"{opType}_node") };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes ?? []);
        _model.Graph.Node.Add(node);
    }

    private string Fresh(string stem)
    {
        string name;
        do
            name = $"{stem}_{_values++}";
        while (!_taken.Add(name));
        return name;
    }

    private static ValueInfoProto ValueInfo(string name, DataType type, ReadOnlySpan<long> shape)
    {
        var dims = new TensorShapeProto();
        for (var axis = 0; axis < shape.Length; axis++)
            dims.Dim.Add(shape[axis] >= 0
                ? new TensorShapeProto.Types.Dimension { DimValue = shape[axis] }
                : new TensorShapeProto.Types.Dimension { DimParam = axis == 0 ? "batch" : $"{name}_{axis}" });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dims } } };
    }
}
