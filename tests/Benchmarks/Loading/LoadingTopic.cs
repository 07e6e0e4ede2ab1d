using System.Diagnostics;
using System.Globalization;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Testing;
using Mlops.Training;

namespace Mlops.Benchmarks.Loading;

/// <summary>What rows in a file cost against rows in memory, in time and in memory: the same training, each in a process of its own.</summary>
internal static class LoadingTopic
{
    /// <summary>The first argument of a process that trains once, before where the rows are.</summary>
    public const string Argument = "measured-loading";

    private const int Rows = 500_000, Width = 64, Epochs = 3, Rounds = 3;
    private const int BoundMiB = 64;

    private static readonly GeneratedRows Generated = new(Rows, Width);

    public static async Task RunAsync(Figures figures)
    {
        var (memory, file) = (new List<Measured>(), new List<Measured>());
        for (var round = 0; round < Rounds; round++)
        {
            memory.Add(await MeasureAsync("memory"));
            file.Add(await MeasureAsync("file"));
        }
        var (inMemory, streamed) = (Median(memory.Select(run => run.RowsPerSecond)), Median(file.Select(run => run.RowsPerSecond)));
        figures.Add("loading-data", (double)Rows * Width * sizeof(float) / (1 << 20), "MiB");
        figures.Add("loading-rows-in-memory", inMemory, "rows/s");
        figures.Add("loading-rows-streamed", streamed, "rows/s");
        figures.AtLeast("loading-streamed-of-memory", streamed / inMemory, "x", 0.8);
        figures.Add("loading-first-epoch-in-memory", Median(memory.Select(run => run.UntilFirst)), "s");
        figures.Add("loading-first-epoch-streamed", Median(file.Select(run => run.UntilFirst)), "s");
        var (peakInMemory, peakStreamed) = (Median(memory.Select(run => run.PeakMiB)), Median(file.Select(run => run.PeakMiB)));
        figures.Add("loading-peak-in-memory", peakInMemory, "MiB");
        figures.Add("loading-peak-streamed", peakStreamed, "MiB");
        figures.AtMost("loading-peak-streamed-of-memory", peakStreamed / peakInMemory, "x", 0.2);
    }

    /// <summary>Trains once and tells what it took.</summary>
    public static async Task<int> ServeAsync(string where)
    {
        // As many steps, so that what a training takes besides its rows is there before.
        using (Train(Generated.Table(0, 1_000), memory: null, out _, epochs: 1_000))
        {
        }
        var before = ProcessMemory.Resident;
        ProcessMemory.ForgetPeak();
        var start = Stopwatch.GetTimestamp();
        using var stored = where == "file" ? await StoredTable.WriteAsync(Generated.BlocksAsync(), Path.GetTempPath(), CancellationToken.None) : null;
        IRows rows = stored?.Select([.. Enumerable.Range(0, Rows)]) ?? (IRows)Generated.Table(0, Rows);
        using var model = Train(rows, stored is null ? null : new RowMemory((long)BoundMiB << 20, Path.GetTempPath()), out var reports);
        var whole = Stopwatch.GetElapsedTime(start);
        var loop = reports[^1].Elapsed - reports[0].Elapsed;
        var untilFirst = whole - reports[^1].Elapsed + reports[0].Elapsed;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(double)Rows * (Epochs - 1) / loop.TotalSeconds} {untilFirst.TotalSeconds} {(ProcessMemory.Peak - before) / (1_024.0 * 1_024)}"));
        return 0;
    }

    private static async Task<Measured> MeasureAsync(string where)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(LoadingTopic).Assembly.Location);
        start.ArgumentList.Add(Argument);
        start.ArgumentList.Add(where);
        using var child = Process.Start(start)!;
        var told = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        double[] numbers = [.. told.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return new Measured(numbers[0], numbers[1], numbers[2]);
    }

    private static TrainedModel Train(IRows rows, RowMemory? memory, out List<EpochReport> reports, int epochs = Epochs)
    {
        var spec = new PipelineSpec
        {
            Name = "benchmark",
            Task = TaskKind.Regression,
            Target = ["y"],
            Model = new MlpSpec { Hidden = [64, 32] },
            Training = new TrainingSpec { Epochs = epochs, BatchSize = 256, EarlyStopping = null, Device = Device.Cpu },
        };
        var told = new Reports();
        reports = told.All;
        return new ModelTrainer(TimeProvider.System).Train(new TrainingInput { Spec = spec, Train = rows, Validation = Generated.Table(0, 1).Select([]), Memory = memory }, told);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private sealed record Measured(double RowsPerSecond, double UntilFirst, double PeakMiB);

    private sealed class Reports : IProgress<EpochReport>
    {
        public List<EpochReport> All { get; } = [];

        public void Report(EpochReport value) => All.Add(value);
    }
}
