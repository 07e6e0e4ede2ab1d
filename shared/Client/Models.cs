namespace Mlops.Client;

/// <summary>What is said of a model that was made elsewhere.</summary>
public sealed record ModelRegistration
{
    /// <summary>Who registers it; stands in the audit log.</summary>
    public required string Actor { get; init; }

    /// <summary>Where it is from, such as <c>scikit-learn 1.5, team churn</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Under which license it may be used, such as <c>Apache-2.0</c>.</summary>
    public required string License { get; init; }

    /// <summary>classification or regression.</summary>
    public required string Task { get; init; }

    /// <summary>SHA-256 of what it was trained on, 64 hexadecimal digits; null where nobody knows.</summary>
    public string? TrainingDataDigest { get; init; }

    /// <summary>By input, the data set's columns that it holds, in order.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Columns { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The classes in the order of the probabilities; none for a regression.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];
}

/// <summary>A model version that was registered: a new one, or the one that these bytes already are.</summary>
/// <param name="Id">Its id in the registry.</param>
/// <param name="Name">The model's name.</param>
/// <param name="Version">1, 2, 3 … within the name.</param>
/// <param name="Digest">SHA-256 of the ONNX file, 64 hexadecimal digits.</param>
public sealed record RegisteredModel(Guid Id, string Name, int Version, string Digest);
