using Mlops.Testing;

namespace Mlops.Benchmarks.Pipeline;

/// <summary>What the pipeline costs besides the work in its stages: events on their way, work waiting to be taken.</summary>
internal static class PipelineTopic
{
    public static async Task RunAsync(Figures figures)
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var rabbit = await RabbitServer.StartAsync();
        await RegisterToServed.RunAsync(figures, postgres, rabbit);
        await OutboxFlow.RunAsync(figures, postgres, rabbit);
    }
}
