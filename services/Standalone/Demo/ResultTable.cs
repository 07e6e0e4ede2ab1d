using System.Globalization;
using Mlops.Contracts;
using Spectre.Console;

namespace Mlops.Standalone.Demo;

/// <summary>One table of all pipelines.</summary>
internal static class ResultTable
{
    public static void Print(IReadOnlyList<DemoResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Held-out test rows, sizes and latencies: original → variants, * is served");
        foreach (var column in new[] { "data set", "rows", "model", "test metrics", "size KB", "one row µs", "s" })
            table.AddColumn(new TableColumn(column) { NoWrap = column is not "test metrics" });
        foreach (var result in results)
            table.AddRow(
                Markup.Escape(result.Run.Name),
                Number(result.Dataset.Rows, "0"),
                Markup.Escape(Model(result)),
                Markup.Escape(Metrics(result)),
                Markup.Escape(Variants(result, version => Number(version.Version.Bytes / 1000.0, "0.0"))),
                Markup.Escape(Variants(result, version => version.MedianMicroseconds is { } median ? Number(median, "0") : "–")),
                Number(result.Took.TotalSeconds, "0.0"));
        AnsiConsole.Write(table);
    }

    /// <summary>The metrics that stand for a task.</summary>
    public static IReadOnlyList<(string Name, string Label)> Headlines(DemoResult result) =>
        result.Sample.Name == WorkedExample.Name ? [(MetricNames.Mse, "test loss")]
        : result.Versions[0].Version.Signature.Task == TaskKind.Classification ? [(MetricNames.Accuracy, "accuracy"), (MetricNames.F1, "F1")]
        : [(MetricNames.R2, "R²"), (MetricNames.Rmse, "RMSE")];

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Model(DemoResult result) => result.Served is { Version: var version }
        ? $"version {version.Version}, {version.Method}"
        : "failed";

    private static string Metrics(DemoResult result)
    {
        if (result.Served is null)
            return $"{result.Outcome.Stage}: {result.Outcome.Reason}";
        var metrics = result.Served.Report!.Metrics;
        return string.Join(", ", Headlines(result).Select(metric => $"{metric.Label} {Number(metrics[metric.Name], "0.000")}"));
    }

    private static string Variants(DemoResult result, Func<MeasuredVersion, string> show)
    {
        var texts = result.Versions.Select(version => show(version) + (version == result.Served ? "*" : "")).ToList();
        return texts.Count == 0 ? "–" : texts.Count == 1 ? texts[0] : $"{texts[0]} → {string.Join(" / ", texts.Skip(1))}";
    }
}
