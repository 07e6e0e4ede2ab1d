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
            if (!told.TryGetValue((stage.Kind, stage.SubjectId), out var before) || (before.State, before.Attempts) != (stage.State, stage.Attempts))
                yield return string.Create(CultureInfo.InvariantCulture, $"{TimeOf(stage):HH:mm:ss}  {stage.Kind,-14}  {stage.State,-9}  {NoteOf(stage)}").TrimEnd();
        if (now.Outcome is { } outcome)
            yield return string.Create(CultureInfo.InvariantCulture, $"{outcome.EndedAt:HH:mm:ss}  {now.State}{(outcome.Reason is null ? "" : $" at {outcome.Stage}: {outcome.Reason}")}");
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
