using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Certificates;
using Mlops.Onnx.Format;
using static TorchSharp.torch;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.TorchExport;

/// <summary>The inputs that a module is exported with.</summary>
internal static class SampleInputs
{
    public static void Check(IReadOnlyList<Tensor> inputs)
    {
        if (inputs.Count == 0)
            throw Fault.Invalid("inputs", "there are none; at least one is accepted");
        foreach (var (input, index) in inputs.Select((input, index) => (input, index)))
        {
            if (input.dtype is not (ScalarType.Float32 or ScalarType.Int64))
                throw Fault.Invalid($"inputs[{index}]", $"is of {input.dtype}; Float32 and Int64 are accepted");
            if (input.dim() == 0 || input.shape[0] == 0)
                throw Fault.Invalid($"inputs[{index}]", "has no rows; at least one along the first dimension is accepted");
            if (input.dtype != inputs[0].dtype || input.dim() != inputs[0].dim())
                throw Fault.Invalid($"inputs[{index}]", $"has {input.dim()} dimensions of {input.dtype}; {inputs[0].dim()} of {inputs[0].dtype} are accepted, as inputs[0] has");
        }
    }

    public static DataType TypeOf(Tensor input) => input.dtype == ScalarType.Int64 ? DataType.Int64 : DataType.Float;

    /// <summary>−1 for the batch, and for each dimension along which the lengths differ.</summary>
    public static long[] ShapeOf(IReadOnlyList<Tensor> tensors) =>
        [-1, .. Enumerable.Range(1, (int)tensors[0].dim() - 1).Select(axis => tensors.All(tensor => tensor.shape[axis] == tensors[0].shape[axis]) ? tensors[0].shape[axis] : -1)];

    /// <summary>The module's answer. A layer may work in place, so that it is given a copy.</summary>
    public static Tensor Forward(nn.IModule<Tensor, Tensor> module, Tensor input) => module.call(input.clone());

    /// <summary>What the module computes from as many rows as may be stored.</summary>
    public static IReadOnlyList<ParitySample> Run(nn.IModule<Tensor, Tensor> module, IReadOnlyList<Tensor> inputs, OnnxExportOptions options)
    {
        var (samples, left) = (new List<ParitySample>(), options.MaxSampleBytes);
        foreach (var input in inputs)
        {
            var sample = Run(module, input, options);
            if (sample.Bytes > left)
            {
                if (Run(module, input, sample, left, options) is { } part)
                    samples.Add(part);
                break;
            }
            samples.Add(sample);
            left -= sample.Bytes;
        }
        return samples.Count > 0 ? samples : throw Fault.Invalid("maxSampleBytes", $"{options.MaxSampleBytes} is not accepted: a single row of the first sample takes more");
    }

    // The rows that fit by their share of the bytes; names and lengths take some more.
    private static ParitySample? Run(nn.IModule<Tensor, Tensor> module, Tensor input, ParitySample whole, long bytes, OnnxExportOptions options)
    {
        for (var rows = input.shape[0] * bytes / whole.Bytes; rows > 0; rows--)
        {
            var sample = Run(module, input.narrow(0, 0, rows), options);
            if (sample.Bytes <= bytes)
                return sample;
        }
        return null;
    }

    private static ParitySample Run(nn.IModule<Tensor, Tensor> module, Tensor input, OnnxExportOptions options)
    {
        using var scope = NewDisposeScope();
        return new ParitySample([ToProto(options.InputName, input)], [ToProto(options.OutputName, Forward(module, input))]);
    }

    private static TensorProto ToProto(string name, Tensor values) => Tensors.Raw(name, TypeOf(values), values.detach().cpu().contiguous().bytes, values.shape);
}
