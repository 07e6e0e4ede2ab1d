using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Certificates;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.TorchExport;

/// <summary>A TorchSharp module as an ONNX model (opset 17), with what TorchSharp computes from samples.</summary>
public sealed class OnnxExport
{
    /// <summary>The largest file: protobuf's lengths are 32-bit integers.</summary>
    private const long MaxWeightBytes = int.MaxValue - (1 << 24);

    private OnnxExport(byte[] model, IReadOnlyList<ParitySample> samples) => (Model, Samples) = (model, samples);

    /// <summary>The bytes of the ONNX file, without a certificate. Equal modules and samples give equal bytes.</summary>
    public byte[] Model { get; }

    /// <summary>Inputs with TorchSharp's outputs; as many of the rows as <see cref="OnnxExportOptions.MaxSampleBytes"/> allows.</summary>
    public IReadOnlyList<ParitySample> Samples { get; }

    /// <inheritdoc cref="From(nn.IModule{Tensor, Tensor}, IReadOnlyList{Tensor}, OnnxExportOptions)"/>
    public static OnnxExport From(nn.IModule<Tensor, Tensor> module, params IReadOnlyList<Tensor> inputs) => From(module, inputs, new OnnxExportOptions());

    /// <summary>Exports what a module computes outside training. One that is training is left as it was.</summary>
    /// <param name="module">A <c>Sequential</c> or any other module with an exporter, its weights of 32-bit floats, on any device.</param>
    /// <param name="inputs">
    /// Samples, at least one, of 32-bit floats or 64-bit integers, on the module's device. The first dimension is the batch, whose
    /// length may be another in the exported model, as may that of each dimension along which the samples' lengths differ.
    /// </param>
    /// <param name="options">Names, exporters of other layers, size of the samples.</param>
    /// <exception cref="Fault">
    /// Invalid: a layer cannot be exported (field: its path in the module, <c>2.conv1</c>), or the samples do not fit together; it lists everything that is wrong.
    /// </exception>
    public static OnnxExport From(nn.IModule<Tensor, Tensor> module, IReadOnlyList<Tensor> inputs, OnnxExportOptions options)
    {
        var root = module as nn.Module ?? throw Fault.Invalid("module", $"{module.GetType().Name} is no nn.Module; those are accepted");
        var bytes = root.parameters().Sum(parameter => parameter.numel() * parameter.element_size());
        if (bytes > MaxWeightBytes)
            throw Fault.Invalid("module", $"has {bytes} bytes of weights; up to {MaxWeightBytes} are accepted, which is what one ONNX file holds");
        SampleInputs.Check(inputs);
        using var mode = new EvaluationMode(root);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var output = ExportedOutput.Of(module, inputs);
        var model = Build(root, SampleInputs.TypeOf(inputs[0]), SampleInputs.ShapeOf(inputs), output, options);
        return new OnnxExport(model, SampleInputs.Run(module, inputs, options));
    }

    /// <summary>Has the model run on the samples by another runtime, and stores in it how far that is from TorchSharp.</summary>
    /// <param name="run">Runs the model.</param>
    /// <param name="runtime">What does, with its version: <c>ONNX Runtime 1.31.1</c>.</param>
    /// <param name="tolerance">The largest <see cref="OutputDifference.Scaled"/> that is accepted; above 0.</param>
    /// <param name="storeSamples">Whether the samples are stored in the model, or their digest alone.</param>
    /// <exception cref="Fault">Invalid, field <c>parity</c>: the outputs are further apart.</exception>
    public CertifiedModel Certify(ModelRun run, string runtime, double tolerance = ParityCertificate.DefaultTolerance, bool storeSamples = true) =>
        ParityCertificate.Issue(Model, Samples, run, new CertificateTerms
        {
            Reference = $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}, libtorch {torch.__version__}",
            Runtime = runtime,
            Tolerance = tolerance,
            StoreSamples = storeSamples,
        });

    private static byte[] Build(nn.Module module, Onnx.Format.TensorProto.Types.DataType type, long[] shape, long[] output, OnnxExportOptions options)
    {
        var builder = new GraphBuilder();
        var problems = new List<Problem>();
        var graph = new ExportGraph(builder, options.Exporters, path: "", parent: null, problems);
        var value = graph.Layer(module, builder.Input(options.InputName, type, shape));
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
        builder.Output(options.OutputName, value, Onnx.Format.TensorProto.Types.DataType.Float, output);
        return OnnxFile.Write(builder.Build());
    }
}
