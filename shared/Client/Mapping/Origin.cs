using Mlops.Protos;

namespace Mlops.Client.Mapping;

/// <summary>What an answer tells of the model that gave it. A result's properties may have these names as well as outputs'.</summary>
internal static class Origin
{
    public const string ModelName = "model_name";
    public const string ModelVersion = "model_version";
    public const string ArtifactDigest = "artifact_digest";
    public const string ModelVersionId = "model_version_id";
    public const string PipelineRunId = "pipeline_run_id";

    public static readonly string[] Names = [ModelName, ModelVersion, ArtifactDigest, ModelVersionId, PipelineRunId];

    /// <summary>Empty from a server that does not tell.</summary>
    public static string Text(ModelInferResponse response, string name) => name switch
    {
        ModelName => response.ModelName,
        ModelVersion => response.ModelVersion,
        _ => response.Parameters.TryGetValue(name, out var value) ? value.StringParam : "",
    };

    public static Guid? Id(ModelInferResponse response, string name) => Guid.TryParse(Text(response, name), out var id) ? id : null;
}
