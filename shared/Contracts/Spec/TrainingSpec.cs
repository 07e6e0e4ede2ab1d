namespace Mlops.Contracts.Spec;

/// <summary>How long, in which batches, from which seed.</summary>
public sealed record TrainingSpec
{
    /// <summary>Passes over the training rows, at most.</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>Rows a step; at or above the number of training rows it is full-batch.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>When to stop before the last epoch; null to run them all.</summary>
    public EarlyStoppingSpec? EarlyStopping { get; init; } = new();

    /// <summary>Decides the first weights, the order of rows and dropout.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Where training runs.</summary>
    public Device Device { get; init; } = Device.Auto;

    internal static TrainingSpec Read(SpecReader reader, SplitSpec split)
    {
        var otherwise = new TrainingSpec();
        var spec = new TrainingSpec
        {
            Epochs = reader.Integer("epochs", otherwise.Epochs, 1, 1_000_000),
            BatchSize = reader.Integer("batchSize", otherwise.BatchSize, 1),
            EarlyStopping = ReadEarlyStopping(reader, split),
            Seed = reader.Integer("seed", otherwise.Seed, 0),
            Device = Device.Read(reader, "device"),
        };
        reader.End();
        return spec;
    }

    private static EarlyStoppingSpec? ReadEarlyStopping(SpecReader reader, SplitSpec split)
    {
        if (reader.IsNull("earlyStopping") || (split.Validation == 0 && !reader.Has("earlyStopping")))
            return null;
        if (split.Validation == 0)
            reader.Report("earlyStopping", "not accepted while split.validation is 0: it looks at the validation rows; null is");
        return EarlyStoppingSpec.Read(reader.Section("earlyStopping"));
    }
}

/// <summary>Stops when the validation loss no longer falls, and goes back to the weights of the best epoch.</summary>
public sealed record EarlyStoppingSpec
{
    /// <summary>Epochs without a better validation loss before it stops.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>By how much a loss must fall to count as better.</summary>
    public double MinDelta { get; init; }

    internal static EarlyStoppingSpec Read(SpecReader reader)
    {
        var spec = new EarlyStoppingSpec
        {
            Patience = reader.Integer("patience", new EarlyStoppingSpec().Patience, 1),
            MinDelta = reader.Number("minDelta", 0, 0, double.MaxValue),
        };
        reader.End();
        return spec;
    }
}
