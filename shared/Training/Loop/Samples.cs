using Mlops.Tabular;
using Mlops.Training.Features;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>Encoded rows on the training device.</summary>
/// <param name="Inputs">[N, width] FP32.</param>
/// <param name="Targets">Class codes [N] INT64, or values [N, targets] FP32.</param>
internal sealed record Samples(Tensor Inputs, Tensor Targets) : IDisposable
{
    // Far below 2³¹ bytes, the most that a span of a tensor may have.
    private const int NumbersAtOnce = 1 << 24;

    public long Count => Inputs.shape[0];

    public long Bytes => Inputs.ByteCount() + Targets.ByteCount();

    public static Samples Of(Table table, Preprocessing preprocessing, Device device)
    {
        var inputs = Encode(table, preprocessing, device);
        return preprocessing.Target switch
        {
            ClassEncoding target => new Samples(inputs, tensor(target.Encode(table), [table.Rows], device: device)),
            NumericEncoding target => new Samples(inputs, tensor(target.Encode(table), [table.Rows, target.Width], device: device)),
            _ => throw new InvalidOperationException("unknown target"),
        };
    }

    /// <summary>Room for rows.</summary>
    public static Samples Empty(long rows, Preprocessing preprocessing, Device device) => new(
        empty([rows, preprocessing.Width], device: device),
        preprocessing.Target is ClassEncoding ? empty([rows], ScalarType.Int64, device) : empty([rows, preprocessing.Target.Width], device: device));

    public Samples Select(Tensor rows) => new(Inputs.index_select(0, rows), Targets.index_select(0, rows));

    public Samples Slice(long start, long count) => new(Inputs.narrow(0, start, count), Targets.narrow(0, start, count));

    public void Dispose()
    {
        Inputs.Dispose();
        Targets.Dispose();
    }

    // Straight into the memory where they stay: the first touch of new memory costs more than the encoding.
    private static Tensor Encode(Table table, Preprocessing preprocessing, Device device)
    {
        using var scope = NewDisposeScope();
        var inputs = empty([table.Rows, preprocessing.Width]);
        var atOnce = Math.Max(1, NumbersAtOnce / preprocessing.Width);
        for (var start = 0; start < table.Rows; start += atOnce)
            preprocessing.EncodeRows(table, start, FlatWeights.FloatsOf(inputs.narrow(0, start, Math.Min(atOnce, table.Rows - start))));
        return inputs.to(device).MoveToOuterDisposeScope();
    }
}
