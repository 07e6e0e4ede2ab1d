using Mlops.Testing;

namespace Mlops.Benchmarks.Registry;

/// <summary>How fast the registry takes facts in and hands work out.</summary>
internal static class RegistryTopic
{
    public static async Task RunAsync(Figures figures)
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using (var rabbit = await RabbitServer.StartAsync())
        await using (var cluster = await ServiceCluster.StartAsync(postgres, rabbit, "Governance"))
            await UnitThroughput.RunAsync(figures, cluster);
        await using var registry = await TestRegistry.PostgresAsync(postgres);
        await ClaimLatency.RunAsync(figures, registry);
    }
}
