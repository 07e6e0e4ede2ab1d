using System.Globalization;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Spectre.Console;

namespace Mlops.Standalone.Demo;

/// <summary>Shows how the pipelines get on: a live table on a terminal, else a line for each step.</summary>
internal static class ProgressView
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns when every pipeline has ended.</summary>
    public static Task FollowAsync(RegistryStore registry, IReadOnlyList<DemoPipeline> pipelines, CancellationToken cancellationToken) =>
        Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi
            ? FollowInLinesAsync(registry, pipelines, cancellationToken)
            : AnsiConsole.Live(new Text("")).AutoClear(true).StartAsync(live => FollowAsync(registry, pipelines, progress =>
            {
                live.UpdateTarget(Table(progress));
                live.Refresh();
            }, cancellationToken));

    private static Task FollowInLinesAsync(RegistryStore registry, IReadOnlyList<DemoPipeline> pipelines, CancellationToken cancellationToken)
    {
        var said = new HashSet<string>();
        return FollowAsync(registry, pipelines, progress =>
        {
            foreach (var pipeline in progress)
                foreach (var step in Steps(pipeline.Status))
                    if (said.Add($"{pipeline.Status.Run.Id} {step}"))
                        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pipeline.Elapsed.TotalSeconds,6:0.0} s  {pipeline.Status.Run.Name}: {step}"));
        }, cancellationToken);
    }

    private static async Task FollowAsync(
        RegistryStore registry, IReadOnlyList<DemoPipeline> pipelines, Action<IReadOnlyList<PipelineProgress>> show, CancellationToken cancellationToken)
    {
        while (true)
        {
            var progress = await PipelineProgress.ReadAsync(registry, pipelines, cancellationToken);
            show(progress);
            if (progress.All(pipeline => pipeline.Status.Outcome is not null))
                return;
            await Task.Delay(Interval, cancellationToken);
        }
    }

    private static Table Table(IReadOnlyList<PipelineProgress> progress)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Pipelines");
        table.AddColumns("data set", "train", "evaluate", "compress", "serve", "now", "s");
        foreach (var (status, training, elapsed) in progress)
            table.AddRow(
                Markup.Escape(status.Run.Name),
                Mark(status, ModelWork.Kind), Mark(status, "evaluate-model"), Mark(status, "compress-model"),
                status.Outcome switch { null => "[grey]·[/]", { Served: true } => "[green]✓[/]", _ => "[red]✗[/]" },
                Markup.Escape(status.Outcome?.Reason ?? $"{training}"),
                elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture));
        return table;
    }

    private static string Mark(PipelineStatus status, string kind)
    {
        var items = status.Stages.Where(item => item.Kind == kind).ToList();
        return items.Count == 0 ? "[grey]·[/]"
            : items.Exists(item => item.State == WorkState.Failed) ? "[red]✗[/]"
            : items.Exists(item => item.State == WorkState.Leased) ? "[yellow]▶[/]"
            : items.Exists(item => item.State == WorkState.Queued) ? "[grey]…[/]" : "[green]✓[/]";
    }

    private static IEnumerable<string> Steps(PipelineStatus status)
    {
        foreach (var group in status.Stages.GroupBy(item => item.Kind))
        {
            var index = 0;
            foreach (var item in group)
            {
                index++;
                var name = index == 1 ? item.Kind : $"{item.Kind} (variant {index - 1})";
                if (item.State is WorkState.Leased or WorkState.Done or WorkState.Failed)
                    yield return $"{name} started";
                if (item.State is WorkState.Done or WorkState.Failed)
                    yield return item.State == WorkState.Done ? $"{name} done" : $"{name} failed: {item.Error}";
            }
        }
        if (status.Outcome is { } outcome)
            yield return outcome.Served ? "served" : $"failed at {outcome.Stage}: {outcome.Reason}";
    }
}
