using Mlops.Client.Mapping;
using Mlops.Protos;

namespace Mlops.Client;

/// <summary>Reads an answer whose outputs have the names that our models give them.</summary>
internal static class PredictionReader
{
    /// <summary>The answer, row by row.</summary>
    /// <exception cref="InferenceException">The answer is not one that the protocol allows.</exception>
    public static Prediction Read(ModelInferResponse response, int rows)
    {
        var labels = (OutputTensor<string>?)OutputTensor.Find(response, "label", Datatypes.Text, rows);
        var probabilities = (OutputTensor<float>?)OutputTensor.Find(response, "probabilities", "FP32", rows);
        var values = (OutputTensor<float>?)OutputTensor.Find(response, "value", "FP32", rows);
        return new Prediction
        {
            Rows = [.. Enumerable.Range(0, rows).Select(row => new PredictedRow(labels?.One(row), probabilities?.All(row) ?? [], values?.All(row) ?? []))],
            ModelName = response.ModelName,
            ModelVersion = response.ModelVersion,
            ArtifactDigest = Origin.Text(response, Origin.ArtifactDigest),
            ModelVersionId = Origin.Id(response, Origin.ModelVersionId),
            PipelineRunId = Origin.Id(response, Origin.PipelineRunId),
        };
    }
}
