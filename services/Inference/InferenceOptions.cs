using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Mlops.Inference.Admission;
using Mlops.Scoring;

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

    /// <summary>
    /// Memory that all models together may take, in MiB, where each counts with twice the size of its file; 0 sets no limit.
    /// Beyond it those leave that were asked longest ago, and come back when they are asked for.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int MemoryBudgetMiB { get; set; }

    /// <summary>How often a replica tells what it sees of rollouts, in seconds.</summary>
    [Range(1, 3600)]
    public int RolloutReportSeconds { get; set; } = 5;

    /// <summary>How requests share runs.</summary>
    [ValidateObjectMembers]
    public BatchingOptions Batching { get; set; } = new();

    /// <summary>How many requests are let in.</summary>
    [ValidateObjectMembers]
    public AdmissionOptions Admission { get; set; } = new();

    /// <summary>What runs models.</summary>
    [EnumDataType(typeof(ExecutionProvider))]
    public ExecutionProvider ExecutionProvider { get; set; } = ExecutionProvider.Auto;

    /// <summary>Which versions may be asked for.</summary>
    [ValidateObjectMembers]
    public VersionOptions Versions { get; set; } = new();

    /// <summary>What is otherwise for some models, by their names.</summary>
    public Dictionary<string, ModelOptions> Models { get; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from model in Models
        from part in new[] { (Name: nameof(ModelOptions.Batching), Value: (object?)model.Value.Batching), (nameof(ModelOptions.Versions), model.Value.Versions) }
        where part.Value is not null
        from problem in Problems($"{nameof(Models)}:{model.Key}:{part.Name}", part.Value)
        select problem;

    private static IEnumerable<ValidationResult> Problems(string section, object settings)
    {
        var wrong = new List<ValidationResult>();
        Validator.TryValidateObject(settings, new ValidationContext(settings), wrong, validateAllProperties: true);
        return wrong.Select(result => new ValidationResult($"{section}: {result.ErrorMessage}"));
    }

    /// <summary>How requests of one model share runs.</summary>
    internal BatchingOptions BatchingOf(string model) => Models.GetValueOrDefault(model)?.Batching ?? Batching;

    /// <summary>What runs one model.</summary>
    internal ExecutionProvider ExecutionProviderOf(string model) => Models.GetValueOrDefault(model)?.ExecutionProvider ?? ExecutionProvider;

    /// <summary>Which versions of one model may be asked for.</summary>
    internal VersionOptions VersionsOf(string model) => Models.GetValueOrDefault(model)?.Versions ?? Versions;
}

/// <summary>Settings of one model.</summary>
public sealed class ModelOptions
{
    /// <summary>How its requests share runs; null as everybody's.</summary>
    public BatchingOptions? Batching { get; set; }

    /// <summary>What runs it; null as everybody's.</summary>
    public ExecutionProvider? ExecutionProvider { get; set; }

    /// <summary>Which of its versions may be asked for; null as everybody's.</summary>
    public VersionOptions? Versions { get; set; }
}
