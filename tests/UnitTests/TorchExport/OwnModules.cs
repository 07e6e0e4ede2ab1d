using Mlops.Onnx;
using Mlops.TorchExport;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.UnitTests.TorchExport;

// ----
/// <summary>x + layer(x), with its own export.</summary>
internal sealed class Residual : nn.Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly nn.Module<Tensor, Tensor> _layer;

    public Residual(nn.Module<Tensor, Tensor> layer)
        : base(nameof(Residual))
    {
        _layer = layer;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => input + _layer.call(input);

    public string Export(ExportGraph graph, string input) => graph.Node("Add", [input, graph.Layer(_layer, input)]);
}
// ----

/// <summary>Somebody else's module: it knows nothing of exports. A recurrent layer's last step.</summary>
internal sealed class LastStep : nn.Module<Tensor, Tensor>
{
    public LastStep(nn.Module layer)
        : base(nameof(LastStep))
    {
        Layer = layer;
        RegisterComponents();
    }

    public nn.Module Layer { get; }

    public static LayerExporters Exporters => LayerExporters.Standard.With<LastStep>((module, graph, input) =>
        graph.Node("Gather", [graph.Layer(module.Layer, input), graph.Builder.Constant(Tensors.Of("last", [-1L]))], GraphBuilder.Attribute("axis", 1)));

    public override Tensor forward(Tensor input) => (Layer is LSTM lstm ? lstm.call(input).Item1 : ((GRU)Layer).call(input).Item1).select(1, -1);
}

/// <summary>A recurrent layer's whole sequence.</summary>
internal sealed class AllSteps : nn.Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly nn.Module _layer;

    public AllSteps(nn.Module layer)
        : base(nameof(AllSteps))
    {
        _layer = layer;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _layer is LSTM lstm ? lstm.call(input).Item1 : ((GRU)_layer).call(input).Item1;

    public string Export(ExportGraph graph, string input) => graph.Layer(_layer, input);
}

/// <summary>Attention of [steps, batch, width] to itself, or to keys and values of another width.</summary>
internal sealed class Attending : nn.Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly MultiheadAttention _attention;
    private readonly nn.Module<Tensor, Tensor> _key, _value;

    public Attending(MultiheadAttention attention, nn.Module<Tensor, Tensor> key, nn.Module<Tensor, Tensor> value)
        : base(nameof(Attending))
    {
        (_attention, _key, _value) = (attention, key, value);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _attention.call(input, _key.call(input), _value.call(input)).Item1;

    public string Export(ExportGraph graph, string input) => graph.Attention(_attention, input, graph.Layer(_key, input), graph.Layer(_value, input));
}

/// <summary>A transformer encoder without masks.</summary>
internal sealed class Encoding : nn.Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly TransformerEncoder _encoder;

    public Encoding(TransformerEncoder encoder)
        : base(nameof(Encoding))
    {
        _encoder = encoder;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _encoder.call(input);

    public string Export(ExportGraph graph, string input) => graph.Layer(_encoder, input);
}

/// <summary>x · weight, in 32-bit floats whatever the weight is of.</summary>
internal sealed class Scaled : nn.Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly Parameter _weight;

    public Scaled(Parameter weight)
        : base(nameof(Scaled))
    {
        _weight = weight;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => (input * _weight).to(ScalarType.Float32);

    public string Export(ExportGraph graph, string input) => graph.Node("Mul", [input, graph.Weight("weight", _weight)]);
}
