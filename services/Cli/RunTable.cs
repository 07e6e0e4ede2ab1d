using System.Globalization;
using Mlops.Client;
using Spectre.Console;

namespace Mlops.Cli;

/// <summary>Runs as a table.</summary>
internal static class RunTable
{
    public static void Write(TextWriter output, IReadOnlyList<RunSummary> runs)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("run", "name", "state", "stage", "data set", "begun (UTC)", "s", "reason");
        foreach (var run in runs)
            table.AddRow(new[]
            {
                $"{run.Id}", run.Name, run.State, run.Stage ?? "", $"{run.DatasetName} version {run.DatasetVersion}",
                run.CreatedAt.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                (run.EndedAt - run.CreatedAt)?.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) ?? "",
                run.Reason ?? "",
            }.Select(cell => new Text(cell)));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        // What is not a terminal has no width to keep to: a line stays a line.
        if (Console.IsOutputRedirected)
            console.Profile.Width = 10_000;
        console.Write(table);
    }
}
