using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>In which numbers a network's training computes. Weights, steps and the exported model are of 32 bits in any case.</summary>
public enum Precision
{
    /// <summary>32 bits.</summary>
    Full,

    /// <summary>Products of matrices in bfloat16, which devices made for it compute faster, all else in 32 bits.</summary>
    MixedBfloat16,
}

/// <summary>How long, in which batches, from which seed.</summary>
public sealed record TrainingSpec
{
    private const int MostRefitRows = 10_000;

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

    /// <summary>In which numbers it computes; not written where it is the default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Precision Precision { get; init; }

    /// <summary>
    /// Whether the model is fitted once more, to training and validation rows together, as far as early stopping found to be
    /// best (scikit-learn's word for it); those rows then teach as well as choose. By as many epochs or rounds, or, where a
    /// network's learning rate would be constant, by twice as many while it falls to 0 along a cosine. Null, which is not written:
    /// where there are at most 10 000 of both, since more rows gain little by it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Refit { get; init; }

    /// <summary>Whether a model of so many rows, training and validation rows together, is refitted.</summary>
    public bool Refits(long rows) => EarlyStopping is not null && (Refit ?? rows <= MostRefitRows);

    internal static TrainingSpec Read(SpecReader reader, SplitSpec split, OptimizerSpec optimizer)
    {
        var otherwise = new TrainingSpec();
        var spec = new TrainingSpec
        {
            Epochs = reader.Integer("epochs", otherwise.Epochs, 1, 1_000_000),
            BatchSize = reader.Integer("batchSize", otherwise.BatchSize, 1),
            EarlyStopping = ReadEarlyStopping(reader, split),
            Seed = reader.Integer("seed", otherwise.Seed, 0),
            Device = Device.Read(reader, "device"),
            Precision = reader.Choice("precision", otherwise.Precision),
            Refit = ReadRefit(reader, optimizer),
        };
        if (spec is { Refit: true, EarlyStopping: null })
            reader.Report("refit", "true is not accepted without training.earlyStopping, which finds the epochs; false is");
        if (spec.Precision != Precision.Full && optimizer is LbfgsSpec)
            reader.Report("precision", "mixed-bfloat16 is not accepted with optimizer.type lbfgs, whose line search compares losses; full is");
        reader.End();
        return spec;
    }

    private static bool? ReadRefit(SpecReader reader, OptimizerSpec optimizer)
    {
        var looksAtLoss = optimizer.Schedule is PlateauScheduleSpec;
        bool? refit = reader.Has("refit") ? reader.Flag("refit", false) : looksAtLoss ? false : null;
        if (looksAtLoss && refit == true)
            reader.Report("refit", "true is not accepted with optimizer.schedule reduce-on-plateau, which looks at the validation loss; false is");
        return refit;
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
