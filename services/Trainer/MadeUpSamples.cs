using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Certificates;
using Mlops.Onnx.Format;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Features;

namespace Mlops.Trainer;

/// <summary>
/// Rows for a trained model that are like its data and hold none of it: numbers by mean and deviation, texts among those that the
/// graph knows; cells are missing here and there, and one text is unknown. Equal models get equal rows.
/// </summary>
internal static class MadeUpSamples
{
    private const int MaxRows = 8, MaxCells = 512, Seed = 1, MissingOneIn = 5;

    private const string UnknownText = "no such text";

    /// <summary>A batch of 8 rows, of fewer where the columns are many: small models stay small, with what the model itself answers.</summary>
    public static ParitySample Of(TrainedModel model)
    {
        var rows = Rows(model);
        var output = model.Signature.Outputs[^1];
        return new ParitySample(
            [.. model.Signature.Inputs.Select(input => input.Datatype == "BYTES" ? Texts(input, rows) : Numbers(input, rows))],
            [Tensors.Of(output.Name, model.Predict(rows), rows.Rows, output.Shape[^1])]);
    }

    private static Table Rows(TrainedModel model)
    {
        var random = new SeededRandom(Seed);
        var inputs = model.Signature.Inputs.SelectMany(input => input.Columns.Select(column => (Name: column, IsText: input.Datatype == "BYTES"))).ToArray();
        var count = Math.Clamp(MaxCells / inputs.Length, 1, MaxRows);
        var features = model.Preprocessing;
        return new Table([.. inputs.Select<(string Name, bool IsText), Column>(input => input.IsText
            ? TextColumn(input.Name, features.Categorical.FirstOrDefault(feature => feature.Name == input.Name)?.Levels ?? [], count, random)
            : NumberColumn(features.Numeric.Single(feature => feature.Name == input.Name), count, random))]);
    }

    private static NumericColumn NumberColumn(NumericFeature feature, int count, SeededRandom random) => new NumericColumn(
        feature.Name,
        [.. Enumerable.Range(0, count).Select(_ => random.NextInt(MissingOneIn) == 0 ? double.NaN : (float)(feature.Mean + (feature.Deviation * random.NextGaussian())))]);

    private static CategoricalColumn TextColumn(string name, IReadOnlyList<string> known, int count, SeededRandom random) => new CategoricalColumn(
        name,
        [.. Enumerable.Range(0, count).Select(_ => random.NextInt(MissingOneIn) == 0 ? -1 : random.NextInt(known.Count + 1))],
        [.. known, UnknownText]);

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
