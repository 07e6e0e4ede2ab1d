namespace Mlops.Benchmarks.Inference;

/// <summary>What a request costs beside one model, and beside two hundred.</summary>
internal static class ManyModels
{
    private const int Models = 200, Rounds = 5;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(8), Slice = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Figures figures)
    {
        await using var few = await StartAsync(1);
        await using var many = await StartAsync(Models);
        var (beside1, beside200) = (new List<Measured>(), new List<Measured>());
        Load(few, Warm);
        Load(many, Warm);
        for (var round = 0; round < Rounds; round++)
        {
            beside1.Add(await Measured.OfAsync(few, () => Load(few, Slice)));
            beside200.Add(await Measured.OfAsync(many, () => Load(many, Slice)));
        }

        figures.Add("models-1-server-cpu", Measured.Median(beside1).CpuMicroseconds, "µs/req");
        figures.AtMost("models-200-to-1-server-cpu", Measured.Median(beside200).CpuMicroseconds / Measured.Median(beside1).CpuMicroseconds, "×", 1.1);
        figures.Add("models-200-memory", (await many.UsageAsync()).WorkingSetBytes / 1e6, "MB");
    }

    private static async Task<MeasuredServer> StartAsync(int models)
    {
        var (server, megabyte) = (await MeasuredServer.StartAsync(), SampleModel.Mlp(10, 500, 480, 10));
        for (var index = 0; index < models; index++)
            await server.LoadAsync($"model-{index}", megabyte);
        return server;
    }

    private static LoadResult Load(MeasuredServer server, TimeSpan duration) =>
        new Http2Load(server.Grpc, SampleRequest.Method, SampleRequest.Of("model-0", 10)).ClosedLoop(4, 8, duration);
}
