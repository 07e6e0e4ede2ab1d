using Mlops.Contracts;
using Mlops.Tabular;
using Mlops.Training;
using Shouldly;

namespace Mlops.UnitTests.Training;

/// <summary>That an exported model answers what the trained one does.</summary>
internal static class OnnxAgreement
{
    private const double Tolerance = 1e-5;

    /// <summary>Compares labels and values of every row, and names of inputs and outputs.</summary>
    /// <param name="model">The trained model, which is exported.</param>
    /// <param name="table">The rows.</param>
    /// <param name="relative">Whether large values may be further apart.</param>
    /// <returns>ONNX Runtime's values.</returns>
    public static float[] ShouldAgreeWithOnnx(this TrainedModel model, Table table, bool relative = false)
    {
        using var onnx = new OnnxModel(model);
        var (labels, values) = onnx.Run(table);
        var predicted = model.Predict(table);

        values.Length.ShouldBe(predicted.Length);
        for (var index = 0; index < values.Length; index++)
            values[index].ShouldBe(predicted[index], relative ? Tolerance * Math.Max(1, Math.Abs(predicted[index])) : Tolerance);
        onnx.Outputs.Keys.ShouldBe(model.Signature.Outputs.Select(output => output.Name));
        onnx.Inputs.Keys.ShouldBe(model.Signature.Inputs.Select(input => input.Name));
        if (model.Signature.Task == TaskKind.Classification)
        {
            var rows = values.Chunk(model.Signature.Classes.Count).ToList();
            rows.ShouldAllBe(row => Math.Abs(row.Sum() - 1) < 1e-5);
            labels.ShouldBe(rows.Select(row => model.Signature.Classes[Array.IndexOf(row, row.Max())]));
        }
        return values;
    }
}
