using System.Runtime.InteropServices;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Features;

namespace Mlops.Benchmarks.Training;

/// <summary>A training that both sides can do: a table, and the spec of the network and its steps.</summary>
internal sealed record TrainingTask
{
    /// <summary>Numbers; empty where there are texts.</summary>
    public float[] Inputs { get; init; } = [];

    /// <summary>A text a row; null where there are numbers.</summary>
    public CategoricalColumn? Texts { get; init; }

    /// <summary>Class codes, or values [rows, targets].</summary>
    public required float[] Targets { get; init; }

    public required int Rows { get; init; }

    public required bool HasClasses { get; init; }

    public required NetworkSpec Model { get; init; }

    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public double LearningRate { get; init; } = 0.001;

    private int Width => Inputs.Length / Rows;

    private static string Target => "y";

    private int Outputs => HasClasses ? (int)Targets.Max() + 1 : Targets.Length / Rows;

    public PipelineSpec Spec => new()
    {
        Name = "benchmark",
        Task = HasClasses ? TaskKind.Classification : TaskKind.Regression,
        Target = HasClasses ? [Target] : [.. Enumerable.Range(0, Outputs).Select(target => $"y{target}")],
        Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = HasClasses ? TargetScaling.Standard : TargetScaling.None },
        Model = Model,
        Optimizer = new AdamSpec { LearningRate = LearningRate },
        Training = new TrainingSpec { Epochs = Epochs, BatchSize = BatchSize, EarlyStopping = null, Device = Device.Cpu },
    };

    public Table Table() => new(
    [
        .. Texts is null ? [] : new Column[] { Texts },
        .. Enumerable.Range(0, Width).Select(column => new NumericColumn($"x{column}", ColumnOf(Inputs, Width, column))),
        .. Enumerable.Range(0, HasClasses ? 0 : Outputs).Select(target => new NumericColumn($"y{target}", ColumnOf(Targets, Outputs, target))),
        .. HasClasses ? new Column[] { new CategoricalColumn(Target, Array.ConvertAll(Targets, code => (int)code), [.. Enumerable.Range(0, Outputs).Select(code => $"{code}")]) } : [],
    ]);

    /// <summary>What the other side is told.</summary>
    /// <param name="rows">A file, which is written.</param>
    public object ForPyTorch(string rows)
    {
        // The words' codes, as our side sees them.
        var encoded = Preprocessing.Fit(Table(), Spec).Encode(Table());
        File.WriteAllBytes(rows, [.. MemoryMarshal.AsBytes(encoded.AsSpan()), .. MemoryMarshal.AsBytes(Targets.AsSpan())]);
        var (cnn, transformer) = (Model as CnnSpec, Model as TextTransformerSpec);
        return new
        {
            rows,
            count = Rows,
            inputs = encoded.Length / Rows,
            outputs = Outputs,
            classes = HasClasses,
            hidden = cnn?.Hidden ?? (Model as MlpSpec)?.Hidden ?? [],
            channels = cnn?.Channels ?? [],
            side = cnn?.Shape[1] ?? 0,
            transformer = transformer is null ? null : new { transformer.Width, transformer.Layers, transformer.Heads, transformer.Hidden, Codes = (int)encoded.Max() + 1 },
            epochs = Epochs,
            batch = BatchSize,
            rate = LearningRate,
            seed = Spec.Training.Seed,
        };
    }

    private double[] ColumnOf(float[] values, int width, int column) => [.. Enumerable.Range(0, Rows).Select(row => (double)values[(row * width) + column])];
}
