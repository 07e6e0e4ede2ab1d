using System.Runtime.InteropServices;
using Mlops.Contracts;

namespace Mlops.Training;

/// <summary>What is done where a device has too little memory for a batch: one try with half the rows.</summary>
internal static class MemoryShortage
{
    /// <summary>Whether memory was not to be had: managed, which batches are computed in on the CPU, or libtorch's, of a CUDA device or of the processor.</summary>
    public static bool Is(Exception exception) => exception is OutOfMemoryException || (exception is ExternalException && IsSaidBy(exception.Message));

    /// <summary>The same training with half the rows a batch, and what is told of it.</summary>
    /// <exception cref="Fault">A batch cannot be halved.</exception>
    public static (TrainingInput Input, string Note) Halve(TrainingInput input)
    {
        var spec = input.Spec;
        if (spec.Optimizer.IsFullBatch)
            throw Fault.Invalid("optimizer.type", $"all {input.Train.Rows} training rows at once, which it wants, do not fit into the device's memory; an optimizer that takes batches is accepted, such as adamw");
        var rows = BatchOf(input);
        if (rows == 1)
            throw Fault.Invalid("model", "one row does not fit into the device's memory; a smaller model is accepted");
        return (
            input with { Spec = spec with { Training = spec.Training with { BatchSize = rows / 2 } } },
            $"batches of {rows} rows did not fit into the device's memory: it was trained in batches of {rows / 2}");
    }

    /// <summary>The fault where half the rows are too many as well.</summary>
    public static Fault StillShort(TrainingInput halved) => Fault.Invalid(
        "training.batchSize", $"neither {BatchOf(halved) * 2} rows nor {BatchOf(halved)} fit into the device's memory; fewer are accepted, or a smaller model");

    private static bool IsSaidBy(string message) =>
        message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || message.Contains("can't allocate memory", StringComparison.Ordinal)
        || message.Contains("not enough memory", StringComparison.Ordinal);

    private static int BatchOf(TrainingInput input) => Math.Min(input.Spec.Training.BatchSize, input.Train.Rows);
}
