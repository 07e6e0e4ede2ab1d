namespace Mlops.Benchmarks.Inference;

/// <summary>A hundred promotions in a row under load: does a caller notice?</summary>
internal static class Swaps
{
    private const int Promotions = 100, Connections = 8;
    private const double Load = 0.8;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(8), Slice = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Figures figures)
    {
        await using var server = await MeasuredServer.StartAsync();
        await server.LoadAsync("mlp", SampleModel.Mlp());
        var load = new Http2Load(server.Grpc, SampleRequest.Method, SampleRequest.Of("mlp", 10));
        load.ClosedLoop(Connections, 8, Warm);
        var rate = Load * load.ClosedLoop(Connections, 8, TimeSpan.FromSeconds(3)).PerSecond;
        var steady = load.OpenLoop(Connections, rate, Slice);

        var promoting = Task.Run(async () =>
        {
            for (var version = 2; version < Promotions + 2; version++)
                await server.LoadAsync("mlp", SampleModel.Mlp(), version);
        });
        var swapping = load.OpenLoop(Connections, rate, Slice);
        await promoting;

        figures.Add("swap-load", rate, "req/s");
        figures.Add("swap-steady-p99", steady.Percentile(0.99), "µs");
        figures.Add("swap-p99", swapping.Percentile(0.99), "µs");
        figures.AtMost("swap-p99-to-steady", swapping.Percentile(0.99) / steady.Percentile(0.99), "×", 2);
        figures.AtMost("swap-failed-requests", steady.Failed + swapping.Failed, "requests", 0);
    }
}
