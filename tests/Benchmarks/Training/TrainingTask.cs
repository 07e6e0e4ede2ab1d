using System.Runtime.InteropServices;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Benchmarks.Training;

/// <summary>A training that both sides can do: a table, and the spec of the network and its steps.</summary>
internal sealed record TrainingTask
{
    public required float[] Inputs { get; init; }

    /// <summary>Class codes, or values [rows, targets].</summary>
    public required float[] Targets { get; init; }

    public required int Rows { get; init; }

    public required bool HasClasses { get; init; }

    public required NetworkSpec Model { get; init; }

    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public double LearningRate { get; init; } = 0.001;

    private int Width => Inputs.Length / Rows;

    private int Outputs => HasClasses ? (int)Targets.Max() + 1 : Targets.Length / Rows;

    public PipelineSpec Spec => new()
    {
        Name = "benchmark",
        Task = HasClasses ? TaskKind.Classification : TaskKind.Regression,
        Target = HasClasses ? ["y"] : [.. Enumerable.Range(0, Outputs).Select(target => $"y{target}")],
        Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = HasClasses ? TargetScaling.Standard : TargetScaling.None },
        Model = Model,
        Optimizer = new AdamSpec { LearningRate = LearningRate },
        Training = new TrainingSpec { Epochs = Epochs, BatchSize = BatchSize, EarlyStopping = null, Device = Device.Cpu },
    };

    public Table Table() => new(
    [
        .. Enumerable.Range(0, Width).Select(column => new NumericColumn($"x{column}", ColumnOf(Inputs, Width, column))),
        .. Enumerable.Range(0, HasClasses ? 0 : Outputs).Select(target => new NumericColumn($"y{target}", ColumnOf(Targets, Outputs, target))),
        .. HasClasses ? new Column[] { new CategoricalColumn("y", Array.ConvertAll(Targets, code => (int)code), [.. Enumerable.Range(0, Outputs).Select(code => $"{code}")]) } : [],
    ]);

    /// <summary>What the other side is told.</summary>
    /// <param name="rows">A file, which is written.</param>
    public object ForPyTorch(string rows)
    {
        File.WriteAllBytes(rows, [.. MemoryMarshal.AsBytes(Inputs.AsSpan()), .. MemoryMarshal.AsBytes(Targets.AsSpan())]);
        var cnn = Model as CnnSpec;
        return new
        {
            rows,
            count = Rows,
            inputs = Width,
            outputs = Outputs,
            classes = HasClasses,
            hidden = cnn?.Hidden ?? ((MlpSpec)Model).Hidden,
            channels = cnn?.Channels ?? [],
            side = cnn?.Shape[1] ?? 0,
            epochs = Epochs,
            batch = BatchSize,
            rate = LearningRate,
            seed = Spec.Training.Seed,
        };
    }

    private double[] ColumnOf(float[] values, int width, int column) => [.. Enumerable.Range(0, Rows).Select(row => (double)values[(row * width) + column])];
}
