namespace Mlops.Inference;

/// <summary>A batch without rows is a question too; many operators cannot take one, so it is answered without a run.</summary>
internal static class EmptyBatch
{
    /// <summary>Whether no input has a row and each output wanted has a row for each of the input's.</summary>
    public static bool Is(InputTensor[] inputs, int[] outputs, OnnxModel model)
    {
        var empty = false;
        for (var index = 0; index < inputs.Length; index++)
        {
            if (model.Inputs[index].HasBatch && inputs[index].Shape[0] != 0)
                return false;
            empty |= model.Inputs[index].HasBatch;
        }

        foreach (var output in outputs)
            empty &= model.Outputs[output].HasBatch;
        return empty;
    }

    /// <summary>The outputs, without rows; a further dimension that varies is 0 as well.</summary>
    public static OutputTensor[] Answer(int[] outputs, OnnxModel model) =>
        Array.ConvertAll(outputs, output => Empty(model.Outputs[output]));

    private static OutputTensor Empty(TensorFact output) => new(output.Name, output.Datatype, [.. output.Shape.Select(dim => Math.Max(dim, 0))], default);
}
