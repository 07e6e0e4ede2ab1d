using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlops.Contracts;
using Mlops.Tabular;
using Mlops.Training;

namespace Mlops.UnitTests.Training;

/// <summary>A trained model as ONNX Runtime runs it.</summary>
internal sealed class OnnxModel(TrainedModel model) : IDisposable
{
    private readonly InferenceSession _session = new(model.ToOnnx());

    public IReadOnlyDictionary<string, NodeMetadata> Inputs => _session.InputMetadata;

    public IReadOnlyDictionary<string, NodeMetadata> Outputs => _session.OutputMetadata;

    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    public (string[] Labels, float[] Values) Run(Table table)
    {
        using var results = _session.Run([.. model.Signature.Inputs.Select(input => InputOf(input, table))]);
        var labels = results.FirstOrDefault(result => result.Name == ModelSignature.LabelOutput);
        var values = results.Single(result => result.Name is ModelSignature.ProbabilitiesOutput or ModelSignature.ValueOutput);
        return ([.. labels?.AsEnumerable<string>() ?? []], [.. values.AsEnumerable<float>()]);
    }

    /// <summary>A table's columns as an input takes them.</summary>
    public static NamedOnnxValue InputOf(TensorSignature input, Table table)
    {
        int[] shape = [table.Rows, input.Columns.Count];
        if (input.Datatype == "BYTES")
        {
            var column = (CategoricalColumn)table[input.Columns[0]];
            var texts = Enumerable.Range(0, table.Rows).Select(row => column.TextAt(row) ?? "").ToArray();
            return NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<string>(texts, shape));
        }
        var values = new float[table.Rows * input.Columns.Count];
        for (var index = 0; index < values.Length; index++)
            values[index] = (float)((NumericColumn)table[input.Columns[index % input.Columns.Count]]).Values[index / input.Columns.Count];
        return NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<float>(values, shape));
    }

    public void Dispose() => _session.Dispose();
}
