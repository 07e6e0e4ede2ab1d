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

        figures.Add("cold-start-wall", wall.Order().ElementAt(Rounds / 2), "s");
        figures.AtMost("cold-start-process-time", cpu.Order().ElementAt(Rounds / 2), "s", 1.5);
    }
}
