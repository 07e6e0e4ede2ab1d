using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;

namespace Mlops.Inference;

/// <summary>A lane's memory as tensors of one number of rows.</summary>
internal sealed class RowBinding : IDisposable
{
    public RowBinding(OnnxModel model, InferenceSession session, int rows, PinnedMemory[] inputs, PinnedMemory[] outputs)
    {
        Inputs = Make(model.Inputs, rows, inputs);
        Outputs = Make(model.Outputs, rows, outputs);
        Binding = session.CreateIoBinding();
        for (var index = 0; index < Inputs.Length; index++)
            Binding.BindInput(model.Inputs[index].Name, Inputs[index]);
        for (var index = 0; index < Outputs.Length; index++)
            Binding.BindOutput(model.Outputs[index].Name, Outputs[index]);
    }

    public OrtIoBinding Binding { get; }

    public OrtValue[] Inputs { get; }

    public OrtValue[] Outputs { get; }

    /// <summary>A tensor's shape with so many rows.</summary>
    public static long[] Shape(TensorFact tensor, int rows) => [rows, .. tensor.Shape.AsSpan()[1..]];

    public void Dispose()
    {
        Binding.Dispose();
        foreach (var value in Inputs.Concat(Outputs))
            value.Dispose();
    }

    private static OrtValue[] Make(ImmutableArray<TensorFact> tensors, int rows, PinnedMemory[] memory) =>
        [.. tensors.Select((tensor, index) => tensor.Datatype.IsBytes
            ? OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, Shape(tensor, rows))
            : OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, tensor.Datatype.ElementType, Shape(tensor, rows), memory[index].Address, memory[index].Span.Length))];
}
