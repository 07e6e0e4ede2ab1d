using System.Diagnostics;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;

namespace Mlops.Benchmarks.Training;

/// <summary>How fast networks are trained beside PyTorch, with the same rows, first weights, order and steps, on one thread.</summary>
internal static class TrainingTopic
{
    private const int Rounds = 5;

    public static IReadOnlyDictionary<string, Func<Figures, Task>> Parts { get; } = new Dictionary<string, Func<Figures, Task>>
    {
        ["worked-example"] = figures => CompareAsync(figures, "worked-example", WorkedExample(), target: 0.5),
        ["mlp"] = figures => CompareAsync(figures, "mlp", Mlp(), target: 0.8),
        ["cnn"] = figures => CompareAsync(figures, "cnn", Cnn(), target: 0.9),
        ["text-transformer"] = figures => CompareAsync(figures, "text-transformer", TextTransformer(), target: 1),
    };

    // Alternately, so that a slow moment of the machine meets both; the first round warms both up and does not count.
    private static Task CompareAsync(Figures figures, string name, TrainingTask task, double target)
    {
        var rows = Path.GetTempFileName();
        try
        {
            using var torch = new Python("Training/pytorch.py", "python3-torch libopenblas0");
            var (asked, table) = (task.ForPyTorch(rows), task.Table());
            var ours = new List<Measured>();
            var theirs = new List<PyTorchRun>();
            for (var round = 0; round <= Rounds; round++)
            {
                theirs.Add(torch.Ask<PyTorchRun>(asked));
                ours.Add(Train(task, table));
            }
            var (loop, other) = (Median(ours.Skip(1).Select(run => run.Loop)), Median(theirs.Skip(1).Select(run => run.Seconds)));
            figures.AtMost($"{name}-of-pytorch", loop / other, "x", target);
            figures.Add($"{name}-epoch", loop / task.Epochs * 1e6, "us");
            figures.Add($"{name}-pytorch-epoch", other / task.Epochs * 1e6, "us");
            figures.Add($"{name}-rows", task.Rows * task.Epochs / loop, "rows/s");
            figures.AtMost($"{name}-loss-difference", ours[0].Losses.Zip(theirs[0].Losses, (our, their) => Math.Abs(our - their)).Max() * 1e6, "1e-6", 10);
            figures.AtLeast($"{name}-whole-run-of-loop", Median(ours.Skip(1).Select(run => 100 * run.Loop / run.Whole)), "%", 90);
        }
        finally
        {
            File.Delete(rows);
        }
        return Task.CompletedTask;
    }

    private static Measured Train(TrainingTask task, Table table)
    {
        var losses = new Losses();
        var start = Stopwatch.GetTimestamp();
        using var model = new ModelTrainer(TimeProvider.System).Train(new TrainingInput { Spec = task.Spec, Train = table, Validation = table.Select([]) }, losses);
        return new Measured(model.Kept.Elapsed.TotalSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds, losses.Values);
    }

    private static TrainingTask WorkedExample()
    {
        var inputs = Normals(seed: 1, 1_000 * 10);
        return new TrainingTask
        {
            Rows = 1_000,
            Inputs = inputs,
            Targets = [.. inputs.Select((value, index) => value * inputs[index % 10 == 9 ? index - 9 : index + 1])],
            HasClasses = false,
            Model = new MlpSpec { Hidden = [20], Activation = Activation.Relu, Dropout = 0 },
            Epochs = 1_000,
            BatchSize = 1_000,
        };
    }

    // Rows of the size of handwritten digits; what they hold does not matter to the time.
    private static TrainingTask Mlp()
    {
        const int Rows = 2_560, Width = 784;
        var inputs = Normals(seed: 2, Rows * Width);
        return new TrainingTask
        {
            Rows = Rows,
            Inputs = inputs,
            Targets = [.. Enumerable.Range(0, Rows).Select(row => (float)Array.IndexOf(inputs, inputs.AsSpan(row * Width, 10).ToArray().Max(), row * Width) - (row * Width))],
            HasClasses = true,
            Model = new MlpSpec { Hidden = [512, 256], Activation = Activation.Relu, Dropout = 0 },
            Epochs = 5,
            BatchSize = 128,
        };
    }

    private static TrainingTask Cnn()
    {
        var cells = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Samples", "digits.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        return new TrainingTask
        {
            Rows = cells.Count,
            Inputs = [.. cells.SelectMany(row => row[..64].Select(pixel => float.Parse(pixel, System.Globalization.CultureInfo.InvariantCulture) / 16))],
            Targets = [.. cells.Select(row => float.Parse(row[64], System.Globalization.CultureInfo.InvariantCulture))],
            HasClasses = true,
            Model = new CnnSpec { Shape = [1, 8, 8], Channels = [16, 32], Hidden = [64], Dropout = 0 },
            Epochs = 5,
            BatchSize = 64,
        };
    }

    private static TrainingTask TextTransformer()
    {
        const int Rows = 512;
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Samples", "fine_foods.csv"));
        var table = CsvTable.Read(file, new CsvOptions(), CancellationToken.None).Select([.. Enumerable.Range(0, Rows)]);
        var scores = (CategoricalColumn)table["score"];
        return new TrainingTask
        {
            Rows = Rows,
            Texts = (CategoricalColumn)table["review"],
            Targets = [.. scores.Codes.ToArray().Select(code => (float)code)],
            HasClasses = true,
            Model = new TextTransformerSpec { MinCount = 1, Dropout = 0 },
            Epochs = 2,
            BatchSize = 32,
        };
    }

    private static float[] Normals(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private sealed record PyTorchRun(double Seconds, IReadOnlyList<double> Losses);

    private sealed record Measured(double Loop, double Whole, IReadOnlyList<double> Losses);

    private sealed class Losses : IProgress<EpochReport>
    {
        public List<double> Values { get; } = [];

        public void Report(EpochReport value) => Values.Add(value.TrainingLoss);
    }
}
