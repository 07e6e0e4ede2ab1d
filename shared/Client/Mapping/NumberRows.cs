namespace Mlops.Client.Mapping;

/// <summary>Rows of numbers in the model's order, for a model with one FP32 input.</summary>
internal static class NumberRows
{
    public static RowMapping<float[]> Make(ModelMetadata model)
    {
        if (model.Inputs is not [{ Datatype: "FP32", Shape: [_, _] } input])
            throw InferenceException.Invalid($"model '{model.Name}' takes {string.Join(", ", model.Inputs.Select(tensor => $"'{tensor.Name}' {tensor}"))}, not one FP32 input of rows; send the values by their columns' names");
        return new RowMapping<float[]>([new NumbersWriter<float[], float>(input, new("", row => row, row => row, "numbers"))]);
    }
}
