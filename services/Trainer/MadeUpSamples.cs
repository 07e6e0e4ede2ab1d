using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Certificates;
using Mlops.Onnx.Format;
using Mlops.Tabular;
using Mlops.Training;

namespace Mlops.Trainer;

/// <summary>
/// Rows for a trained model that are like its data and hold none of it (<see cref="Training.Features.Preprocessing.MakeUp"/>), with
/// what it answers. Equal models get equal rows.
/// </summary>
internal static class MadeUpSamples
{
    private const int MaxRows = 8, MaxCells = 512, Seed = 1;

    /// <summary>A batch of 8 rows, of fewer where the columns are many: small models stay small, with what the model itself answers.</summary>
    public static ParitySample Of(TrainedModel model)
    {
        var rows = model.Preprocessing.MakeUp(Math.Clamp(MaxCells / model.Preprocessing.Columns.Count, 1, MaxRows), Seed);
        var output = model.Signature.Outputs[^1];
        return new ParitySample(
            [.. model.Signature.Inputs.Select(input => input.Datatype == "BYTES" ? Texts(input, rows) : Numbers(input, rows))],
            [Tensors.Of(output.Name, model.Predict(rows), rows.Rows, output.Shape[^1])]);
    }

    private static TensorProto Numbers(TensorSignature input, Table rows)
    {
        NumericColumn[] columns = [.. input.Columns.Select(name => (NumericColumn)rows[name])];
        float[] values = [.. Enumerable.Range(0, rows.Rows).SelectMany(row => columns.Select(column => (float)column.Values[row]))];
        return Tensors.Of(input.Name, values, rows.Rows, columns.Length);
    }

    private static TensorProto Texts(TensorSignature input, Table rows)
    {
        CategoricalColumn[] columns = [.. input.Columns.Select(name => (CategoricalColumn)rows[name])];
        return Tensors.Of(input.Name, Enumerable.Range(0, rows.Rows).SelectMany(row => columns.Select(column => column.TextAt(row) ?? "")), rows.Rows, columns.Length);
    }
}
