using System.Globalization;
using Mlops.Client.Mapping;
using Mlops.Protos;

namespace Mlops.Client;

/// <summary>Reads an answer whose outputs have the names that our models give them.</summary>
internal static class PredictionReader
{
    private const string Label = "label";

    /// <summary>The answer, row by row.</summary>
    /// <exception cref="InferenceException">The answer is not one that the protocol allows.</exception>
    public static Prediction Read(ModelInferResponse response, int rows)
    {
        var label = LabelsOf(response, rows);
        var probabilities = (OutputTensor<float>?)OutputTensor.Find(response, "probabilities", "FP32", rows);
        var values = (OutputTensor<float>?)OutputTensor.Find(response, "value", "FP32", rows);
        return new Prediction
        {
            Rows = [.. Enumerable.Range(0, rows).Select(row => new PredictedRow(label?.Invoke(row), probabilities?.All(row) ?? [], values?.All(row) ?? []))],
            ModelName = response.ModelName,
            ModelVersion = response.ModelVersion,
            ArtifactDigest = Origin.Text(response, Origin.ArtifactDigest),
            ModelVersionId = Origin.Id(response, Origin.ModelVersionId),
            PipelineRunId = Origin.Id(response, Origin.PipelineRunId),
        };
    }

    /// <summary>By row; a model that was made elsewhere may number its classes.</summary>
    private static Func<int, string>? LabelsOf(ModelInferResponse response, int rows)
    {
        if (response.Outputs.Any(output => output is { Name: Label, Datatype: "INT64" }))
        {
            var numbers = (OutputTensor<long>)OutputTensor.Find(response, Label, "INT64", rows)!;
            return row => numbers.One(row).ToString(CultureInfo.InvariantCulture);
        }

        return (OutputTensor<string>?)OutputTensor.Find(response, Label, Datatypes.Text, rows) is { } texts ? texts.One : null;
    }
}
