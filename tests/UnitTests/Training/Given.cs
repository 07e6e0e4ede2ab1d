using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Checkpoints;
using Mlops.Training.Networks;
using static TorchSharp.torch;

namespace Mlops.UnitTests.Training;

/// <summary>Tables and specs that the tests start from.</summary>
internal static class Given
{
    public static NumericColumn Numbers(string name, params double[] values) => new(name, values);

    /// <summary>Texts; null is missing.</summary>
    public static CategoricalColumn Texts(string name, params string?[] texts)
    {
        string[] levels = [.. texts.OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        return new CategoricalColumn(name, [.. texts.Select(text => text is null ? -1 : Array.IndexOf(levels, text))], levels);
    }

    /// <summary>Columns x0, x1 … then y0, y1 … of a matrix each, row-major.</summary>
    public static Table Matrices(int rows, (double[] Values, int Width) inputs, (double[] Values, int Width) targets) => new(
    [
        .. Enumerable.Range(0, inputs.Width).Select(column => Numbers($"x{column}", [.. Enumerable.Range(0, rows).Select(row => inputs.Values[(row * inputs.Width) + column])])),
        .. Enumerable.Range(0, targets.Width).Select(column => Numbers($"y{column}", [.. Enumerable.Range(0, rows).Select(row => targets.Values[(row * targets.Width) + column])])),
    ]);

    /// <summary>Two numbers, a text with missing cells and a class that follows from them.</summary>
    public static Table Mixed(int rows, ulong seed)
    {
        var (length, mass) = (Oracle.Normals(seed, rows), Oracle.Normals(seed + 1, rows));
        var chance = Oracle.Normals(seed + 2, rows);
        return new Table(
        [
            Numbers("length", [.. length.Select((value, row) => row % 7 == 3 ? double.NaN : 40 + (5 * value))]),
            Texts("island", [.. chance.Select(value => value switch { < -0.7 => "Biscoe", < 0.2 => "Dream", < 1 => "Torgersen", _ => null })]),
            Numbers("mass", [.. mass.Select(value => 4000 + (800 * value))]),
            Texts("species", [.. length.Select((value, row) => value + mass[row] > 0.5 ? "Gentoo" : chance[row] < 0 ? "Adelie" : "Chinstrap")]),
        ]);
    }

    /// <summary>Numbers, and a class by the sign of the first two.</summary>
    public static Table Clusters(int rows, int width)
    {
        var values = Oracle.Normals(5, rows * width);
        var matrix = Matrices(rows, (values, width), ([], 0));
        return new Table([.. matrix.Columns, Texts("class", [.. Enumerable.Range(0, rows)
            .Select(row => values[row * width] > 0 ? "up" : values[(row * width) + 1] > 0 ? "left" : "right")])]);
    }

    /// <summary>Running texts beside a number.</summary>
    public static Table Review(params string?[] texts) => new([Texts("review", texts), Numbers("stars", [.. texts.Select((_, row) => (double)row)])]);

    public static PipelineSpec Classification(string target = "class") => new()
    {
        Name = "test",
        Task = TaskKind.Classification,
        Target = [target],
        Model = new MlpSpec { Hidden = [8] },
        Training = new TrainingSpec { Epochs = 5, EarlyStopping = null, Device = Mlops.Contracts.Spec.Device.Cpu },
    };

    public static PipelineSpec Regression(params string[] targets) => Classification() with { Task = TaskKind.Regression, Target = targets };

    public static TrainedModel Train(
        PipelineSpec spec, IRows train, IRows? validation = null, Action<EpochReport>? progress = null, Action<Network>? initialise = null,
        Checkpointing? checkpointing = null, TimeProvider? time = null, CancellationToken? cancellation = null, RowMemory? memory = null, IRows? together = null) =>
        new ModelTrainer(time ?? TimeProvider.System).Train(
            new TrainingInput { Spec = spec, Train = train, Validation = validation ?? train.Blocks(1).First().Select([]), Checkpointing = checkpointing, Memory = memory, Together = together },
            progress is null ? null : new Reporter(progress),
            initialise,
            cancellation ?? Xunit.TestContext.Current.CancellationToken);

    /// <summary>Sets the weights: each layer's weight, then its bias.</summary>
    public static void Set(this Network network, IReadOnlyList<float[]> values)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (parameter, value) in network.Parameters.Zip(values))
            parameter.copy_(tensor(value).view(parameter.shape));
    }

    private sealed class Reporter(Action<EpochReport> report) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => report(value);
    }
}
