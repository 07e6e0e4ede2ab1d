using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Mlops.Inference;

/// <summary>Settings of the inference service.</summary>
public sealed class InferenceOptions : IValidatableObject
{
    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "Inference";

    /// <summary>Largest message that a caller may send, in bytes.</summary>
    [Range(1024, int.MaxValue)]
    public int MaxMessageBytes { get; set; } = 64 << 20;

    /// <summary>Most rows that one request may hold, where a model's first dimension varies.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBatchSize { get; set; } = 1_000_000;

    /// <summary>How requests share runs.</summary>
    [ValidateObjectMembers]
    public BatchingOptions Batching { get; set; } = new();

    /// <summary>What is otherwise for some models, by their names.</summary>
    public Dictionary<string, ModelOptions> Models { get; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Models.Where(model => model.Value.Batching is not null).SelectMany(model => Problems(model.Key, model.Value.Batching!));

    private static IEnumerable<ValidationResult> Problems(string model, BatchingOptions batching)
    {
        var wrong = new List<ValidationResult>();
        Validator.TryValidateObject(batching, new ValidationContext(batching), wrong, validateAllProperties: true);
        return wrong.Select(result => new ValidationResult($"{nameof(Models)}:{model}:{nameof(ModelOptions.Batching)}: {result.ErrorMessage}"));
    }

    /// <summary>How requests of one model share runs.</summary>
    internal BatchingOptions BatchingOf(string model) => Models.GetValueOrDefault(model)?.Batching ?? Batching;
}

/// <summary>Settings of one model.</summary>
public sealed class ModelOptions
{
    /// <summary>How its requests share runs; null as everybody's.</summary>
    public BatchingOptions? Batching { get; set; }
}
