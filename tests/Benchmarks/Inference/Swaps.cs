namespace Mlops.Benchmarks.Inference;

/// <summary>A hundred promotions in a row under load: does a caller notice?</summary>
internal static class Swaps
{
    private const int Promotions = 100, Connections = 8;
    private const double Load = 0.8, Step = 0.1, InTime = 20_000;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(8), Probe = TimeSpan.FromSeconds(3), Slice = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Figures figures)
    {
        await using var server = await MeasuredServer.StartAsync();
        await server.LoadAsync("mlp", SampleModel.Mlp());
        var load = new Http2Load(server.Grpc, SampleRequest.Method, SampleRequest.Of("mlp", 10));
        load.ClosedLoop(Connections, 8, Warm);
        var saturation = Saturation(load);
        var rate = Load * saturation;
        var steady = load.OpenLoop(Connections, rate, Slice);

        var promoting = Task.Run(async () =>
        {
            for (var version = 2; version < Promotions + 2; version++)
                await server.LoadAsync("mlp", SampleModel.Mlp(), version);
        });
        var swapping = load.OpenLoop(Connections, rate, Slice);
        await promoting;

        figures.Add("swap-saturation", saturation, "req/s");
        figures.Add("swap-load", rate, "req/s");
        figures.Add("swap-steady-p99", steady.Percentile(0.99), "µs");
        figures.Add("swap-p99", swapping.Percentile(0.99), "µs");
        figures.AtMost("swap-p99-to-steady", swapping.Percentile(0.99) / steady.Percentile(0.99), "×", 2);
        figures.AtMost("swap-failed-requests", steady.Failed + swapping.Failed, "requests", 0);
    }

    /// <summary>The highest rate of requests at random moments that is answered in time: callers who wait for each other's answers get more through than that.</summary>
    private static double Saturation(Http2Load load)
    {
        var most = load.ClosedLoop(Connections, 8, Probe).PerSecond;
        var held = 0.0;
        for (var rate = Step * most; rate <= most && load.OpenLoop(Connections, rate, Probe).Percentile(0.99) < InTime; rate += Step * most)
            held = rate;
        return held > 0 ? held : throw new InvalidOperationException($"the server does not hold even {Step * most:0} requests/s");
    }
}
