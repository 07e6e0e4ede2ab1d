namespace Mlops.Client;

/// <summary>A model's answer, and what leads from it back to the data that the model was made of.</summary>
public sealed record Prediction
{
    /// <summary>One for each row that was asked about, in its order.</summary>
    public required IReadOnlyList<PredictedRow> Rows { get; init; }

    /// <summary>The model that answered.</summary>
    public required string ModelName { get; init; }

    /// <summary>Its version.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>SHA-256 of its ONNX file, 64 hexadecimal digits; empty from a server that does not tell.</summary>
    public string ArtifactDigest { get; init; } = "";

    /// <summary>The registry's id of the version, where the server tells it.</summary>
    public Guid? ModelVersionId { get; init; }

    /// <summary>The pipeline run that made the version, where one did.</summary>
    public Guid? PipelineRunId { get; init; }
}

/// <summary>The answer for one row.</summary>
/// <param name="Label">A classification's class; null from a regression.</param>
/// <param name="Probabilities">One a class, in the model's order; empty from a regression.</param>
/// <param name="Values">A regression's targets in their own units; empty from a classification.</param>
public sealed record PredictedRow(string? Label, IReadOnlyList<float> Probabilities, IReadOnlyList<float> Values);
