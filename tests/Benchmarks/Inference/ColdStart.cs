using System.Diagnostics;
using Mlops.Testing;

namespace Mlops.Benchmarks.Inference;

/// <summary>
/// From the process's start until the server is ready and has loaded one small model: as the images ship it, compiled ahead
/// (ReadyToRun), and as a build leaves it.
/// </summary>
internal static class ColdStart
{
    private const int Rounds = 5;

    public static async Task RunAsync(Figures figures)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-published-");
        try
        {
            var published = await PublishAsync(folder.FullName);
            var (shipped, built) = (new Costs(), new Costs());
            for (var round = 0; round < Rounds; round++)
            {
                await StartAsync(published, shipped);
                await StartAsync(typeof(ColdStart).Assembly.Location, built);
            }

            figures.Add("cold-start-wall", shipped.Wall.Median(), "s");
            figures.AtMost("cold-start-process-time", shipped.Cpu.Median(), "s", 1.5);
            figures.Add("cold-start-process-time-not-compiled-ahead", built.Cpu.Median(), "s");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task StartAsync(string assembly, Costs costs)
    {
        var clock = Stopwatch.StartNew();
        await using var server = await MeasuredServer.StartAsync(assembly);
        await server.LoadAsync("mlp", SampleModel.Mlp());
        costs.Wall.Add(clock.Elapsed.TotalSeconds);
        costs.Cpu.Add((await server.UsageAsync()).CpuMicroseconds / 1e6);
    }

    private static async Task<string> PublishAsync(string folder)
    {
        var project = Path.Combine(ServiceProcess.Root, "tests", "Benchmarks");
        using var publish = Process.Start(new ProcessStartInfo(
            "dotnet", ["publish", project, "-c", "Release", "-p:PublishReadyToRun=true", "-o", folder, "--nologo", "-v", "quiet"])
        { RedirectStandardOutput = true })!;
        var output = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? Path.Combine(folder, Path.GetFileName(typeof(ColdStart).Assembly.Location)) : throw new InvalidOperationException($"the server was not published:\n{output}");
    }

    private sealed record Costs
    {
        public List<double> Wall { get; } = [];

        public List<double> Cpu { get; } = [];
    }
}
