using System.Diagnostics;

namespace Mlops.Benchmarks.Inference;

/// <summary>From the process's start until the server is ready and has loaded one small model.</summary>
internal static class ColdStart
{
    private const int Rounds = 5;

    public static async Task RunAsync(Figures figures)
    {
        var (wall, cpu, model) = (new List<double>(), new List<double>(), SampleModel.Mlp());
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            await using var server = await MeasuredServer.StartAsync();
            await server.LoadAsync("mlp", model);
            wall.Add(clock.Elapsed.TotalSeconds);
            cpu.Add((await server.UsageAsync()).CpuMicroseconds / 1e6);
        }

        figures.Add("cold-start-wall", wall.Median(), "s");
        figures.AtMost("cold-start-process-time", cpu.Median(), "s", 1.5);
    }
}
