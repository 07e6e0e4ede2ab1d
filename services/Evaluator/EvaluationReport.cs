using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Scoring;
using Mlops.Scoring.Metrics;

namespace Mlops.Evaluator;

/// <summary>What a model version did on the held-out test rows. Stored as JSON; its digest is part of the lineage.</summary>
public sealed record EvaluationReport
{
    /// <summary>What kind of question the model answers.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>How many rows the metrics are over.</summary>
    public required int TestRows { get; init; }

    /// <summary>By <see cref="MetricNames"/>. One that is not finite stands in JSON as the text NaN, Infinity or -Infinity.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Of a classification, in the order of its classes.</summary>
    public IReadOnlyList<ClassMetrics> Classes { get; init; } = [];

    /// <summary>Of a classification: [true class][predicted class] → rows.</summary>
    public IReadOnlyList<IReadOnlyList<int>> ConfusionMatrix { get; init; } = [];

    /// <summary>Of a regression, in the order of its targets.</summary>
    public IReadOnlyList<TargetMetrics> Targets { get; init; } = [];

    /// <summary>Of a version whose training was cross-validated; otherwise null, which is not written.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CrossValidationReport? CrossValidation { get; init; }

    /// <summary>A verdict for each gate of the spec.</summary>
    public required IReadOnlyList<GateVerdict> Gates { get; init; }

    /// <summary>Whether every gate is met.</summary>
    public bool Passed => Gates.All(gate => gate.Passed);

    /// <summary>The report of a classification.</summary>
    /// <inheritdoc cref="ClassificationMetrics.Of"/>
    public static EvaluationReport OfClassification(IReadOnlyList<string> classes, ReadOnlySpan<int> actual, Scores scores, EvaluationSpec spec)
    {
        var measured = ClassificationMetrics.Of(classes, actual, scores);
        return new EvaluationReport
        {
            Task = TaskKind.Classification,
            TestRows = scores.Rows,
            Metrics = measured.Metrics,
            Classes = measured.Classes,
            ConfusionMatrix = measured.ConfusionMatrix,
            Gates = Gate.Judge(spec.Gates, measured.Metrics),
        };
    }

    /// <summary>The report of a regression.</summary>
    /// <inheritdoc cref="RegressionMetrics.Of"/>
    public static EvaluationReport OfRegression(IReadOnlyList<string> targets, ReadOnlySpan<double> actual, Scores scores, EvaluationSpec spec)
    {
        var measured = RegressionMetrics.Of(targets, actual, scores);
        return new EvaluationReport
        {
            Task = TaskKind.Regression,
            TestRows = scores.Rows,
            Metrics = measured.Metrics,
            Targets = measured.Targets,
            Gates = Gate.Judge(spec.Gates, measured.Metrics),
        };
    }

    /// <summary>The report's file: UTF-8 JSON, equal reports give equal bytes.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SpecJson.Canonical);
}
