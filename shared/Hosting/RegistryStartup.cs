using Microsoft.Extensions.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>
/// Runs before everything else that is hosted. The embedded default brings its file to this build's schema and takes up
/// what a kill interrupted; on PostgreSQL a schema that this build does not know is refused.
/// </summary>
internal sealed class RegistryStartup(RegistryContexts contexts, RegistrySchema schema, WorkQueue work, Outbox outbox) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!contexts.IsEmbedded)
        {
            await schema.RequireCurrentAsync(cancellationToken);
            return;
        }
        await schema.MigrateAsync(cancellationToken);
        await work.ReclaimAllAsync(cancellationToken);
        await outbox.RedriveAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
