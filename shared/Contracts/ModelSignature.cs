using System.Text.Json.Serialization;

namespace Mlops.Contracts;

/// <summary>What a model takes and gives, in the terms of the Open Inference Protocol.</summary>
public sealed record ModelSignature
{
    /// <summary>Name of the output with the predicted class of each row: BYTES, shape [-1].</summary>
    public const string LabelOutput = "label";

    /// <summary>Name of the output with a probability for each class: FP32, shape [-1, classes].</summary>
    public const string ProbabilitiesOutput = "probabilities";

    /// <summary>Name of a regression's output, in the targets' own units: FP32, shape [-1, targets].</summary>
    public const string ValueOutput = "value";

    /// <summary>Name of the one input of a model whose features are all numeric: FP32, shape [-1, features].</summary>
    public const string FeaturesInput = "features";

    /// <summary>What kind of question the model answers.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>In the order of the graph's inputs.</summary>
    public required IReadOnlyList<TensorSignature> Inputs { get; init; }

    /// <summary>In the order of the graph's outputs.</summary>
    public required IReadOnlyList<TensorSignature> Outputs { get; init; }

    /// <summary>The classes in the order of the probabilities; empty for a regression.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>The output with a regression's values: the only one, whatever its maker called it, or <see cref="ValueOutput"/>; null where there is neither.</summary>
    [JsonIgnore]
    public TensorSignature? Value => Outputs.Count == 1 ? Outputs[0] : Outputs.FirstOrDefault(output => output.Name == ValueOutput);

    /// <summary>Whether it takes one row at a time and no more.</summary>
    [JsonIgnore]
    public bool IsOneRow => Inputs.Any(input => input.Shape is [1, ..]);
}

/// <summary>One input or output of a model.</summary>
public sealed record TensorSignature
{
    /// <summary>The tensor's name.</summary>
    public required string Name { get; init; }

    /// <summary>A datatype of the protocol: FP32, BYTES, INT64 …</summary>
    public required string Datatype { get; init; }

    /// <summary>−1 for a dimension that varies.</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>The data set's columns that the tensor holds, in order; a missing number is NaN, a missing text is empty.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];
}
