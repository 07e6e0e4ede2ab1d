using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Features;
using Mlops.Training.Trees;
using Device = TorchSharp.torch.Device;

namespace Mlops.Training.Loop;

/// <summary>The encoded rows of a training: in memory, or in a file where they would take more of it than they may.</summary>
/// <param name="Train">What is learned from.</param>
/// <param name="Validation">What early stopping looks at; null where there are no rows.</param>
internal sealed record TrainingSamples(SampleSource Train, SampleSource? Validation) : IDisposable
{
    // As they are encoded, and in the order of an epoch; or both windows of those in a file.
    private const int Copies = 2;

    /// <summary>What a person should know; null where all rows are in memory.</summary>
    public string? Note { get; private init; }

    public long Bytes => Train.Bytes + (Validation?.Bytes ?? 0);

    /// <summary>Encodes rows.</summary>
    /// <exception cref="Fault">They would take more memory than they may, and the spec asks for something that needs them all at once.</exception>
    public static TrainingSamples Of(TrainingInput input, Preprocessing preprocessing, Device device)
    {
        var needed = BytesOf(input, preprocessing);
        if (input.Memory is not { } memory || needed <= memory.MostBytes)
            return Of(input, rows => MemorySamples.Of(rows, preprocessing, device));
        RequireBatches(input, needed, preprocessing.Width, FileSamples.RowBytes(preprocessing), memory);
        return Of(input, rows => FileSamples.Write(rows, preprocessing, device, memory)) with
        {
            Note = $"the rows were read from a file in batches: in memory they would have taken about {needed >> 20} MiB, and at most {memory.Text} are kept there",
        };
    }

    public void Dispose()
    {
        Train.Dispose();
        Validation?.Dispose();
    }

    private static TrainingSamples Of(TrainingInput input, Func<IRows, SampleSource> encode)
    {
        var train = encode(input.Train);
        try
        {
            return new TrainingSamples(train, input.Validation.Rows > 0 ? encode(input.Validation) : null);
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    private static long BytesOf(TrainingInput input, Preprocessing preprocessing)
    {
        var rows = (long)input.Train.Rows + input.Validation.Rows;
        return input.Train.MemoryBytes + input.Validation.MemoryBytes + (rows * FileSamples.RowBytes(preprocessing) * Copies);
    }

    private static void RequireBatches(TrainingInput input, long needed, int width, int rowBytes, RowMemory memory)
    {
        var found = $"the data set's rows would take about {needed >> 20} MiB; at most {memory.Text} are kept in memory, and more are read from a file in batches";
        var (spec, batch) = (input.Spec, Math.Min(input.Spec.Training.BatchSize, input.Train.Rows));
        if (spec.Model is BoostedTreesSpec trees)
        {
            var binned = BinnedBytes(trees, input.Train.Rows, width);
            if (binned > memory.MostBytes)
                throw Fault.Invalid("model.type", $"boosted-trees keep what they need of every number in memory, about {binned >> 20} MiB here, and {found}: another model is accepted, or a higher bound");
            return;
        }
        if (spec.Optimizer.IsFullBatch)
            throw Fault.Invalid("optimizer.type", $"{(spec.Optimizer is LbfgsSpec ? "lbfgs" : "gradient-descent")} looks at all rows at once, and {found}: an optimizer that steps by batches is accepted, such as adamw, or a higher bound");
        if (batch == input.Train.Rows || (long)batch * rowBytes * Copies > Math.Min(memory.MostBytes, int.MaxValue))
            throw Fault.Invalid("training.batchSize", $"{spec.Training.BatchSize} rows are too many at once: {found}; fewer are accepted, or a higher bound");
    }

    // The bin of each number, and the rows by which bins are chosen.
    private static long BinnedBytes(BoostedTreesSpec spec, int rows, int width) =>
        ((long)rows * width * (spec.Bins > byte.MaxValue ? sizeof(short) : sizeof(byte))) + ((long)Math.Min(rows, ColumnSample.MostRows) * width * ColumnSample.NumberBytes);
}
