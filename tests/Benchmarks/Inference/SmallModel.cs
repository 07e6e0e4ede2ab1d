namespace Mlops.Benchmarks.Inference;

/// <summary>The 10-20-10 network, one row a request, everything on.</summary>
internal static class SmallModel
{
    private const int Rounds = 5;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8), Slice = TimeSpan.FromSeconds(1.5);

    public static async Task RunAsync(Figures figures)
    {
        await using var server = await MeasuredServer.StartAsync();
        await server.LoadAsync("mlp", SampleModel.Mlp());
        var message = SampleRequest.Of("mlp", 10);
        var (model, echo) = (new Http2Load(server.Grpc, SampleRequest.Method, message), new Http2Load(server.Grpc, EchoGrpc.Path, message));
        foreach (var load in new[] { model, echo, model })
            load.ClosedLoop(8, 8, WarmUp);
        foreach (var (connections, streams) in new[] { (4, 8), (8, 8), (1, 64), (32, 1) })
        {
            var (inferred, echoed) = await BesideAsync(server, model, echo, connections, streams);
            var name = $"{connections}x{streams}";
            figures.Add($"inference-{name}", inferred.PerSecond, "req/s");
            figures.Add($"echo-{name}", echoed.PerSecond, "req/s");
            figures.Add($"inference-{name}-p50", inferred.P50, "µs");
            figures.Add($"inference-{name}-p95", inferred.P95, "µs");
            figures.Add($"inference-{name}-p99", inferred.P99, "µs");
            figures.Add($"inference-{name}-p99.9", inferred.P999, "µs");
            figures.AtLeast($"inference-{name}-of-echo", 100 * inferred.PerSecond / echoed.PerSecond, "%", 85);
            figures.AtMost($"inference-{name}-p99-to-echo", inferred.P99 / echoed.P99, "×", 1.3);
            if (connections == 1)
                figures.AtMost($"inference-{name}-server-cpu", inferred.CpuMicroseconds, "µs/req", 25);
            else
                figures.Add($"inference-{name}-server-cpu", inferred.CpuMicroseconds, "µs/req");
            figures.Add($"echo-{name}-server-cpu", echoed.CpuMicroseconds, "µs/req");
            figures.AtMost($"inference-{name}-allocated", inferred.AllocatedBytes, "B/req", 2048);
            figures.Add($"echo-{name}-allocated", echoed.AllocatedBytes, "B/req");
        }
    }

    /// <summary>Both in turn, again and again, so that what the machine does besides meets both; the medians of the rounds.</summary>
    private static async Task<(Measured Model, Measured Echo)> BesideAsync(MeasuredServer server, Http2Load model, Http2Load echo, int connections, int streams)
    {
        var (inferred, echoed) = (new List<Measured>(), new List<Measured>());
        for (var round = 0; round < Rounds; round++)
        {
            inferred.Add(await Measured.OfAsync(server, () => model.ClosedLoop(connections, streams, Slice)));
            echoed.Add(await Measured.OfAsync(server, () => echo.ClosedLoop(connections, streams, Slice)));
        }

        return (Measured.Median(inferred), Measured.Median(echoed));
    }
}
