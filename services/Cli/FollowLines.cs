using System.Globalization;
using Mlops.Client;

namespace Mlops.Cli;

/// <summary>What is new in a run, in words.</summary>
internal static class FollowLines
{
    /// <summary>A line for each stage that has moved on, and one for the end.</summary>
    /// <param name="last">What was told before; null for nothing.</param>
    /// <param name="now">What is told now.</param>
    public static IEnumerable<string> Between(RunProgress? last, RunProgress now)
    {
        if (now.Attempt > 1 && now.Attempt != last?.Attempt)
            yield return $"          attempt {now.Attempt} of the run";
        var told = last?.Stages.ToDictionary(stage => (stage.Kind, stage.SubjectId)) ?? [];
        foreach (var stage in now.Stages)
        {
            var before = told.GetValueOrDefault((stage.Kind, stage.SubjectId));
            if ((before?.State, before?.Attempts) != (stage.State, stage.Attempts))
                yield return string.Create(CultureInfo.InvariantCulture, $"{TimeOf(stage):HH:mm:ss}  {stage.Kind,-14}  {stage.State,-9}  {NoteOf(stage)}").TrimEnd();
            if (stage is { State: "leased", Progress: { } progress } && TenthOf(progress) != TenthOf(before?.Progress))
                yield return $"          {stage.Kind,-14}  {TextOf(progress)}";
        }
        if (now.Outcome is { } outcome)
            yield return string.Create(CultureInfo.InvariantCulture, $"{outcome.EndedAt:HH:mm:ss}  {now.State}{(outcome.Reason is null ? "" : $" at {outcome.Stage}: {outcome.Reason}")}");
    }

    /// <summary>A line for each is enough.</summary>
    private static (int? Candidate, bool IsRefit, int Tenth)? TenthOf(StageProgress? progress) =>
        progress is null ? null : (progress.Candidate?.Number, progress.IsRefit, 10 * progress.Epoch / Math.Max(1, progress.MostEpochs));

    private static string TextOf(StageProgress progress)
    {
        var turn = progress.Candidate is { } candidate ? $"{candidate.Type} ({candidate.Number} of {candidate.Count}): " : progress.IsRefit ? "refit: " : "";
        var validation = progress.ValidationLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $", validation loss {loss:0.####}") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{turn}epoch {progress.Epoch} of {progress.MostEpochs}, loss {progress.TrainingLoss:0.####}{validation}, {progress.RowsPerSecond:#,0} rows/s, at most {progress.SecondsLeft:#,0} s left");
    }

    private static DateTimeOffset TimeOf(RunStage stage) => stage.State switch
    {
        "queued" => stage.CreatedAt,
        "leased" => stage.StartedAt ?? stage.CreatedAt,
        _ => stage.FinishedAt ?? stage.StartedAt ?? stage.CreatedAt,
    };

    private static string NoteOf(RunStage stage) => stage switch
    {
        { State: "leased" } => stage.Attempts > 1 ? $"{stage.Worker}, attempt {stage.Attempts}" : $"{stage.Worker}",
        { State: "done", StartedAt: { } from, FinishedAt: { } to } => string.Create(CultureInfo.InvariantCulture, $"{(to - from).TotalSeconds:0.0} s"),
        _ => stage.Error ?? "",
    };
}
