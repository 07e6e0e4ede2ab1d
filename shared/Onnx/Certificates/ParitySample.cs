using Mlops.Onnx.Format;

namespace Mlops.Onnx.Certificates;

/// <summary>A batch of inputs, and what the model's source computes from them.</summary>
/// <param name="Inputs">A tensor for each input of the graph, with its name.</param>
/// <param name="Outputs">A tensor of 32-bit floats for each output that is compared, with its name; at least one.</param>
public sealed record ParitySample(IReadOnlyList<TensorProto> Inputs, IReadOnlyList<TensorProto> Outputs)
{
    /// <summary>Length of the first input's first dimension.</summary>
    public long Rows => Inputs is [{ Dims: [var rows, ..] }, ..] ? rows : 0;

    /// <summary>Bytes that the sample takes when it is stored, before they become text.</summary>
    public long Bytes => Inputs.Concat(Outputs).Sum(tensor => (long)tensor.CalculateSize());
}
