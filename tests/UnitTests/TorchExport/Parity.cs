using Mlops.Onnx.Certificates;
using Mlops.TorchExport;
using Shouldly;
using static TorchSharp.torch;

namespace Mlops.UnitTests.TorchExport;

/// <summary>Compares a module with what it is exported as.</summary>
internal static class Parity
{
    public const double Tolerance = 2e-5;

    /// <summary>Random weights, and running statistics that are not those of a new layer.</summary>
    public static TModule Randomised<TModule>(TModule module, int seed = 1)
        where TModule : nn.Module
    {
        using var generator = new Generator((ulong)seed);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, parameter) in module.named_parameters())
            parameter.copy_((randn(parameter.shape, generator: generator) * 0.4) + (name.EndsWith("norm1.weight", StringComparison.Ordinal) ? 1 : 0));
        foreach (var (name, buffer) in module.named_buffers())
        {
            if (name.EndsWith("running_mean", StringComparison.Ordinal))
                buffer.copy_(randn(buffer.shape, generator: generator));
            else if (name.EndsWith("running_var", StringComparison.Ordinal))
                buffer.copy_(rand(buffer.shape, generator: generator) + 0.5);
        }
        return module;
    }

    /// <summary>Samples of a shape [batch, …].</summary>
    public static Tensor Numbers(int seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return randn(shape, generator: generator) * 2;
    }

    /// <summary>Exports, and runs samples of one, three and eight rows, of which the export saw only the second.</summary>
    public static OnnxExport ShouldAgree(nn.IModule<Tensor, Tensor> module, params long[] row)
    {
        using var scope = NewDisposeScope();
        var export = OnnxExport.From(module, Numbers(1, [3, .. row]));
        ShouldAgree(export, module, [.. new long[] { 1, 3, 8 }.Select(rows => Numbers((int)rows, [rows, .. row]))]);
        return export;
    }

    /// <summary>Runs other samples than the export saw.</summary>
    public static void ShouldAgree(OnnxExport export, nn.IModule<Tensor, Tensor> module, params Tensor[] inputs)
    {
        var certified = export.Certify(OrtRun.Run, "ONNX Runtime", Tolerance);
        var samples = OnnxExport.From(module, inputs).Samples;
        foreach (var sample in samples)
        {
            var outputs = OrtRun.Run(certified.Bytes, sample.Inputs);
            outputs[0].Dims.ShouldBe(sample.Outputs[0].Dims);
            OutputDifference.Between(Mlops.Onnx.Tensors.Floats(sample.Outputs[0]), Mlops.Onnx.Tensors.Floats(outputs[0])).Scaled.ShouldBeLessThan(Tolerance);
        }
        samples.Count.ShouldBe(inputs.Length);
    }
}
