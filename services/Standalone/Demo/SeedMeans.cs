using Spectre.Console;

namespace Mlops.Standalone.Demo;

/// <summary>Means over seeds, by data set: what a pipeline reaches when no lucky seed is chosen.</summary>
internal static class SeedMeans
{
    public static void Print(IReadOnlyList<DemoResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Mean over seeds of split and training, ± standard deviation");
        table.AddColumns("data set", "seeds", "metric", "mean", "lowest", "highest");
        foreach (var sample in results.Where(result => result.Served is not null).GroupBy(result => result.Sample.Name))
        {
            var (name, label) = ResultTable.Headlines(sample.First())[0];
            var values = sample.Select(result => result.Served!.Report!.Metrics[name]).ToList();
            table.AddRow(sample.Key, $"{values.Count}", label,
                $"{ResultTable.Number(values.Average(), "0.0000")} ± {ResultTable.Number(Deviation(values), "0.0000")}",
                ResultTable.Number(values.Min(), "0.0000"), ResultTable.Number(values.Max(), "0.0000"));
        }
        AnsiConsole.Write(table);
    }

    /// <summary>Of a sample (n − 1); 0 for a single value.</summary>
    private static double Deviation(List<double> values)
    {
        var mean = values.Average();
        return values.Count < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }
}
