using System.Text.Json.Nodes;

namespace Mlops.Client;

/// <summary>What is said of a model that was made elsewhere.</summary>
public sealed record ModelRegistration
{
    /// <summary>Who registers it; stands in the audit log.</summary>
    public required string Actor { get; init; }

    /// <summary>Where it is from, such as <c>scikit-learn 1.5, team churn</c>.</summary>
    public required string Source { get; init; }

    /// <summary>An SPDX expression such as <c>Apache-2.0</c>, or words.</summary>
    public required string Licence { get; init; }

    /// <summary>classification or regression.</summary>
    public required string Task { get; init; }

    /// <summary>SHA-256 of what it was trained on, 64 hexadecimal digits; null where nobody knows.</summary>
    public string? DatasetDigest { get; init; }

    /// <summary>By input, the data set's columns that it holds, in order; an input of one column is named after it unless given.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Columns { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The classes in the order of the probabilities; none for a regression.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>What to judge it by, at once; null to register only.</summary>
    public ModelEvaluation? Evaluation { get; init; }
}

/// <summary>What a model from elsewhere is judged by.</summary>
/// <param name="Dataset">Name of a registered data set.</param>
/// <param name="Version">Its version.</param>
/// <param name="Spec">A pipeline spec; what it says of a training is not heeded.</param>
public sealed record ModelEvaluation(string Dataset, int Version, JsonNode? Spec);

/// <summary>A model version that was registered: a new one, or the one that these bytes already are.</summary>
/// <param name="Id">Its id in the registry.</param>
/// <param name="Name">The model's name.</param>
/// <param name="Version">1, 2, 3 … within the name.</param>
/// <param name="Digest">SHA-256 of the ONNX file, 64 hexadecimal digits.</param>
/// <param name="PipelineRunId">The run that evaluates it; null where there is nothing to judge it by.</param>
public sealed record RegisteredModel(Guid Id, string Name, int Version, string Digest, Guid? PipelineRunId);
