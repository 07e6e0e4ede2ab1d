using System.Runtime.InteropServices;
using Mlops.Tabular;
using Mlops.Training.Features;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>
/// Encoded rows in a scratch file, each with its targets behind it. They are gathered a window of batches at a time, in the
/// order in which they lie in the file, while the window before is computed with.
/// </summary>
internal sealed class FileSamples : SampleSource
{
    private const long LeastWindow = 1 << 20, MostWindow = 32 << 20;

    private readonly ScratchFile _file;
    private readonly Preprocessing _preprocessing;
    private readonly long _windowBytes;
    private readonly int _inputBytes, _rowBytes;

    private FileSamples(ScratchFile file, int count, Preprocessing preprocessing, Device device, RowMemory memory)
    {
        (_file, _preprocessing, Count, Device) = (file, preprocessing, count, device);
        _windowBytes = Math.Clamp(memory.MostBytes / 16, LeastWindow, MostWindow);
        (_inputBytes, _rowBytes) = (Width * sizeof(float), RowBytes(preprocessing));
    }

    public override long Count { get; }

    public override int Width => _preprocessing.Width;

    public override long Bytes => Count * _rowBytes;

    public override Device Device { get; }

    public override Samples All => throw new InvalidOperationException("rows in a file are never in memory at once");

    /// <summary>Bytes of an encoded row with its targets.</summary>
    public static int RowBytes(Preprocessing preprocessing) =>
        checked((preprocessing.Width * sizeof(float)) + (preprocessing.Target is ClassEncoding ? sizeof(long) : preprocessing.Target.Width * sizeof(float)));

    /// <summary>Encodes rows into a file.</summary>
    /// <exception cref="IOException">The folder cannot be written to, or its disk is full.</exception>
    public static FileSamples Write(IRows rows, Preprocessing preprocessing, Device device, RowMemory memory)
    {
        var file = ScratchFile.Create(memory.ScratchFolder);
        try
        {
            var most = EncodedAtOnce(preprocessing.Width);
            var records = new byte[Math.Min(most, rows.Rows) * RowBytes(preprocessing)];
            foreach (var block in rows.Blocks(most))
                Append(file, block, preprocessing, records);
            return new FileSamples(file, rows.Rows, preprocessing, device, memory);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override IEnumerable<Samples> Shuffled(Tensor order, long batchSize, long batches)
    {
        var rows = new int[Count];
        foreach (var (index, row) in MemoryMarshal.Cast<byte, long>(order.cpu().bytes).ToArray().Index())
            rows[index] = (int)row;
        var last = Count - ((batches - 1) * batchSize);
        return Batches(rows, [.. Enumerable.Repeat((int)batchSize, (int)batches - 1), (int)last]);
    }

    public override IEnumerable<Samples> Slices()
    {
        var (size, count) = (RowsAtOnce(Width), (int)Count);
        return Batches([.. Enumerable.Range(0, count)], [.. Enumerable.Range(0, (count + size - 1) / size).Select(slice => Math.Min(size, count - (slice * size)))]);
    }

    public override void Dispose()
    {
        _file.Dispose();
        base.Dispose();
    }

    private static void Append(ScratchFile file, Table block, Preprocessing preprocessing, byte[] records)
    {
        using var scope = NewDisposeScope();
        var samples = Samples.Of(block, preprocessing, CPU);
        var inputs = samples.Inputs.bytes;
        var targets = samples.Targets.bytes;
        var (inputBytes, rowBytes) = (preprocessing.Width * sizeof(float), RowBytes(preprocessing));
        for (var row = 0; row < block.Rows; row++)
        {
            var record = records.AsSpan(row * rowBytes, rowBytes);
            inputs.Slice(row * inputBytes, inputBytes).CopyTo(record);
            targets.Slice(row * (rowBytes - inputBytes), rowBytes - inputBytes).CopyTo(record[inputBytes..]);
        }
        file.Append(records.AsSpan(0, block.Rows * rowBytes));
    }

    private IEnumerable<Samples> Batches(int[] rows, IReadOnlyList<int> sizes)
    {
        var plan = Windows(sizes);
        var most = plan.Max(window => window.Sum());
        GatheredRows[] windows = [.. Enumerable.Range(0, Math.Min(2, plan.Count)).Select(_ => new GatheredRows(_file, Samples.Empty(most, _preprocessing, CPU), _inputBytes, _rowBytes))];
        var (gathered, from) = (Task.CompletedTask, 0);
        try
        {
            gathered = Gather(0);
            for (var at = 0; at < plan.Count; at++)
            {
                gathered.GetAwaiter().GetResult();
                if (at + 1 < plan.Count)
                    gathered = Gather(at + 1);
                var start = 0L;
                foreach (var size in plan[at])
                {
                    using var lent = windows[at % 2].Rows.Slice(start, size);
                    using var batch = OnDevice(lent);
                    yield return batch;
                    start += size;
                }
            }
        }
        finally
        {
            // It writes into the windows.
            Task.WaitAny(gathered);
            foreach (var window in windows)
                window.Dispose();
        }

        Task Gather(int at)
        {
            var (window, wanted) = (windows[at % 2], new ArraySegment<int>(rows, from, plan[at].Sum()));
            from += wanted.Count;
            return Task.Run(() => window.Gather(wanted));
        }
    }

    private Samples OnDevice(Samples batch) => Device.type == TorchSharp.DeviceType.CPU ? batch : new Samples(batch.Inputs.to(Device), batch.Targets.to(Device));

    /// <summary>Puts batches together to windows of about as many bytes as one is to have.</summary>
    private List<List<int>> Windows(IReadOnlyList<int> sizes)
    {
        var windows = new List<List<int>>();
        var bytes = long.MaxValue;
        foreach (var size in sizes)
        {
            if (bytes + ((long)size * _rowBytes) > _windowBytes || windows.Count == 0)
            {
                windows.Add([]);
                bytes = 0;
            }
            windows[^1].Add(size);
            bytes += (long)size * _rowBytes;
        }
        return windows;
    }
}
