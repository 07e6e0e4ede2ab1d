using Mlops.Contracts;
using Mlops.Onnx.Format;

namespace Mlops.Onnx.Certificates;

/// <summary>Runs samples through a model.</summary>
internal static class SampleRun
{
    public static OutputDifference Compare(byte[] model, IReadOnlyList<ParitySample> samples, ModelRun run) => samples
        .SelectMany(sample =>
        {
            var outputs = run(model, sample.Inputs);
            return sample.Outputs.Select(expected => Compare(expected, outputs));
        })
        .Aggregate(default(OutputDifference), (difference, other) => difference.Or(other));

    private static OutputDifference Compare(TensorProto expected, IReadOnlyList<TensorProto> outputs)
    {
        var actual = outputs.FirstOrDefault(output => output.Name == expected.Name)
            ?? throw Fault.Invalid("run", $"gave no output '{expected.Name}'; it gave {string.Join(", ", outputs.Select(output => $"'{output.Name}'"))}");
        if (!expected.Dims.SequenceEqual(actual.Dims))
            throw Fault.Invalid("run", $"output '{expected.Name}' has the shape [{string.Join(", ", actual.Dims)}]; [{string.Join(", ", expected.Dims)}] is expected");
        return OutputDifference.Between(Tensors.Floats(expected), Tensors.Floats(actual));
    }
}
