using Mlops.Inference;

namespace Mlops.Benchmarks.Inference;

/// <summary>A network that is worth a batch, 1024-4096-4096-1024, asked for single rows by 64 callers: with shared runs, without, and bare.</summary>
internal static class SharedRuns
{
    private const int Width = 1024, Rounds = 3, Batch = 64;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3), Slice = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Figures figures)
    {
        var model = SampleModel.Mlp(Width, 4096, 4096, Width);
        await using var shared = await StartAsync(model);
        await using var alone = await StartAsync(model, ("Inference:Batching:MaxRows", "1"));
        using var bare = OnnxModel.Load(model);
        var (withBatches, without, rows) = (new List<Measured>(), new List<Measured>(), new List<double>());
        Load(shared, WarmUp);
        Load(alone, WarmUp);
        Bare(bare, WarmUp);
        for (var round = 0; round < Rounds; round++)
        {
            withBatches.Add(await Measured.OfAsync(shared, () => Load(shared, Slice)));
            without.Add(await Measured.OfAsync(alone, () => Load(alone, Slice)));
            rows.Add(Bare(bare, Slice));
        }

        var (batched, single, bareRows) = (Measured.Median(withBatches), Measured.Median(without), rows.Median());
        figures.Add("batching-on", batched.PerSecond, "rows/s");
        figures.Add("batching-off", single.PerSecond, "rows/s");
        figures.Add("batching-bare-session", bareRows, "rows/s");
        figures.AtLeast("batching-on-to-off", batched.PerSecond / single.PerSecond, "×", 6);
        figures.AtMost("batching-p95-on-to-off", batched.P95 / single.P95, "×", 1);
        figures.AtLeast("batching-on-of-bare-session", 100 * batched.PerSecond / bareRows, "%", 85);
    }

    private static async Task<MeasuredServer> StartAsync(byte[] model, params (string Key, string Value)[] settings)
    {
        var server = await MeasuredServer.StartAsync(settings);
        await server.LoadAsync("large", model);
        return server;
    }

    private static LoadResult Load(MeasuredServer server, TimeSpan duration) =>
        new Http2Load(server.Grpc, SampleRequest.Method, SampleRequest.Of("large", Width)).ClosedLoop(8, Batch / 8, duration);

    /// <summary>Rows a second of the session itself, in batches, on as many threads as the server runs at once.</summary>
    private static double Bare(OnnxModel model, TimeSpan duration)
    {
        var request = new CheckedRequest([new InputTensor("features", "FP32", [Batch, Width], new byte[Batch * Width * sizeof(float)])], model.AllOutputs, Batch, IsEmpty: false);
        var (clock, runs) = (System.Diagnostics.Stopwatch.StartNew(), 0);
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            while (clock.Elapsed < duration)
            {
                model.Run(request).Dispose();
                Interlocked.Increment(ref runs);
            }
        });
        return runs * Batch / clock.Elapsed.TotalSeconds;
    }
}
