using Mlops.Contracts;
using static TorchSharp.torch;

namespace Mlops.TorchExport;

/// <summary>The shape of what a module answers.</summary>
internal static class ExportedOutput
{
    /// <summary>−1 for the batch, and for each dimension whose length depends on the input's.</summary>
    /// <exception cref="Fault">Invalid: the module cannot compute the samples, or its answer is not what can be exported.</exception>
    public static long[] Of(nn.IModule<Tensor, Tensor> module, IReadOnlyList<Tensor> inputs)
    {
        // Another batch than the sample's shows what depends on it.
        Tensor[] batches = [.. inputs, cat([inputs[0], inputs[0]], 0)];
        Tensor[] outputs = [.. batches.Select((input, index) => Run(module, input, index))];
        foreach (var (output, input) in outputs.Zip(batches))
        {
            if (output.dtype != ScalarType.Float32)
                throw Fault.Invalid("module", $"answers with {output.dtype}; Float32 is accepted");
            if (output.dim() == 0 || output.shape[0] != input.shape[0])
                throw Fault.Invalid("module", $"answers {input.shape[0]} rows with the shape [{string.Join(", ", output.shape)}]; one that keeps the first dimension is accepted");
        }
        return SampleInputs.ShapeOf(outputs);
    }

    private static Tensor Run(nn.IModule<Tensor, Tensor> module, Tensor input, int index)
    {
        try
        {
            return SampleInputs.Forward(module, input);
        }
        catch (Exception e) when (e is System.Runtime.InteropServices.ExternalException or ArgumentException)
        {
            throw Fault.Invalid($"inputs[{index}]", $"the module does not take the shape [{string.Join(", ", input.shape)}]: {e.Message.Split('\n')[0]}");
        }
    }
}
