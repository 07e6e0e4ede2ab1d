using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Scoring.Metrics;

/// <summary>
/// What a fold's model predicts for the rows that it was not trained on: the artifact that a fold leaves, one JSON object in
/// UTF-8. Put side by side, a repeat's folds predict every row that was held out in any, each by a model that has not seen it.
/// </summary>
public sealed record OutOfFoldPredictions
{
    /// <summary>Which repeat of the cross-validation, from 1.</summary>
    public required int Repeat { get; init; }

    /// <summary>Which fold of the repeat, from 1.</summary>
    public required int Fold { get; init; }

    /// <summary>What kind of question the model answers.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The classes, or a regression's targets, in the order of the predictions.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>The held-out rows as indices into the data set, from 0, ascending.</summary>
    public required IReadOnlyList<int> Rows { get; init; }

    /// <summary>Of each row the index of its class in <see cref="Outputs"/>; of a regression row-major, rows × targets, in the targets' units.</summary>
    public required IReadOnlyList<double> Truth { get; init; }

    /// <summary>Row-major, rows × <see cref="Outputs"/>: the classes' probabilities, or values in the targets' units.</summary>
    public required IReadOnlyList<float> Predictions { get; init; }

    /// <summary>What a model predicted for rows.</summary>
    /// <param name="repeat">Which repeat, from 1.</param>
    /// <param name="fold">Which fold, from 1.</param>
    /// <param name="spec">Says what is predicted.</param>
    /// <param name="classes">The model's classes; none of a regression.</param>
    /// <param name="rows">Indices of the rows into the data set.</param>
    /// <param name="heldOut">The rows themselves.</param>
    /// <param name="predictions">Row-major, as the model answers.</param>
    /// <exception cref="Fault">A row has no target.</exception>
    public static OutOfFoldPredictions Of(int repeat, int fold, PipelineSpec spec, IReadOnlyList<string> classes, IReadOnlyList<int> rows, Table heldOut, float[] predictions) => new()
    {
        Repeat = repeat,
        Fold = fold,
        Task = spec.Task,
        Outputs = spec.Task == TaskKind.Classification ? classes : spec.Target,
        Rows = rows,
        Truth = spec.Task == TaskKind.Classification
            ? Array.ConvertAll(HeldOutTargets.Classes(heldOut[spec.Target[0]], classes), code => (double)code)
            : HeldOutTargets.Values(heldOut, spec.Target),
        Predictions = predictions,
    };

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="Fault">Corrupt: it is not of this form.</exception>
    public static OutOfFoldPredictions FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            var read = JsonSerializer.Deserialize<OutOfFoldPredictions>(json, SpecJson.Canonical)!;
            var width = read.Task == TaskKind.Classification ? 1 : read.Outputs.Count;
            if (read.Predictions.Count == read.Rows.Count * read.Outputs.Count && read.Truth.Count == read.Rows.Count * width)
                return read;
            throw new Fault(FaultKind.Corrupt, "predictions", $"{read.Rows.Count} rows of {read.Outputs.Count} outputs have {read.Truth.Count} truths and {read.Predictions.Count} predictions");
        }
        catch (JsonException exception)
        {
            throw new Fault(FaultKind.Corrupt, "predictions", $"not in the form of out-of-fold predictions: {exception.Message}");
        }
    }

    /// <summary>The artifact's bytes; equal predictions give equal bytes.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SpecJson.Canonical);

    /// <summary>Metrics over the held-out rows, by the names of <see cref="MetricNames"/>.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, double> Metrics => Task == TaskKind.Classification
        ? ClassificationMetrics.Of(Outputs, [.. Truth.Select(code => (int)code)], Scores).Metrics
        : RegressionMetrics.Of(Outputs, [.. Truth], Scores).Metrics;

    private Scores Scores
    {
        get
        {
            float[] outputs = [.. Predictions];
            var predicted = Task == TaskKind.Classification
                ? Array.ConvertAll([.. Enumerable.Range(0, Rows.Count)], row => MostLikely(outputs.AsSpan(row * Outputs.Count, Outputs.Count)))
                : [];
            return new Scores(Rows.Count, Outputs.Count, predicted, outputs);
        }
    }

    /// <summary>The first of the largest, as ONNX's ArgMax has it.</summary>
    private static int MostLikely(ReadOnlySpan<float> probabilities)
    {
        var best = 0;
        for (var code = 1; code < probabilities.Length; code++)
            if (probabilities[code] > probabilities[best])
                best = code;
        return best;
    }
}
