using Mlops.Tabular;
using Mlops.Training.Features;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>Encoded rows in the memory of the training device.</summary>
/// <param name="rows">They belong to the caller's scope.</param>
internal sealed class MemorySamples(Samples rows) : SampleSource
{
    public override long Count => rows.Count;

    public override int Width => (int)rows.Inputs.shape[1];

    public override long Bytes => rows.Bytes;

    public override Device Device => rows.Inputs.device;

    public override Samples All => rows;

    public override Tensor GatherTargets() => rows.Targets;

    public static MemorySamples Of(IRows rows, Preprocessing preprocessing, Device device)
    {
        if (rows is Table table)
            return new MemorySamples(Samples.Of(table, preprocessing, device));
        var all = Samples.Empty(rows.Rows, preprocessing, device);
        var start = 0L;
        foreach (var block in rows.Blocks(EncodedAtOnce(preprocessing.Width)))
        {
            using var scope = NewDisposeScope();
            var (from, to) = (Samples.Of(block, preprocessing, CPU), all.Slice(start, block.Rows));
            to.Inputs.copy_(from.Inputs);
            to.Targets.copy_(from.Targets);
            start += block.Rows;
        }
        return new MemorySamples(all);
    }

    public override IEnumerable<Samples> Shuffled(Tensor order, long batchSize, long batches)
    {
        var shuffled = rows.Select(order);
        for (var batch = 0L; batch < batches; batch++)
            yield return shuffled.Slice(batch * batchSize, batch < batches - 1 ? batchSize : Count - (batch * batchSize));
    }

    public override IEnumerable<Samples> Slices()
    {
        var size = RowsAtOnce(Width);
        for (var start = 0L; start < Count; start += size)
            yield return Count <= size ? rows : rows.Slice(start, Math.Min(size, Count - start));
    }
}
