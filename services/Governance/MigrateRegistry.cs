using System.Data.Common;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Roles;

namespace Mlops.Governance;

/// <summary>
/// The deploy step that brings the registry to this build's schema, gives each service's role its rights, and declares the
/// queues of this build on the broker: <c>governance migrate</c>.
/// </summary>
internal static class MigrateRegistry
{
    public static bool IsAskedFor(string[] args) => args is ["migrate", ..];

    /// <returns>The process's exit code.</returns>
    public static async Task<int> MigrateRegistryAsync(this WebApplication app, TextWriter output, TextWriter errors)
    {
        try
        {
            var applied = await app.Services.GetRequiredService<RegistrySchema>().MigrateAsync(app.Lifetime.ApplicationStopping);
            foreach (var migration in applied)
                await output.WriteLineAsync($"applied {migration}");
            await output.WriteLineAsync(applied.Count == 0 ? "nothing to apply: the registry has this build's schema" : "the registry has this build's schema now");
            var roles = await app.Services.GetRequiredService<ServiceRoles>().GrantAsync(app.Lifetime.ApplicationStopping);
            if (roles.Count > 0)
                await output.WriteLineAsync($"each service may write what is its own: {string.Join(", ", roles)}");
            var bus = app.Services.GetRequiredService<IOptions<BusOptions>>().Value;
            if (bus.Transport == BusTransport.RabbitMq)
            {
                await Topology.DeployAsync(bus, app.Lifetime.ApplicationStopping);
                await output.WriteLineAsync($"the broker has this build's {Topology.Queues.Count} queues");
            }
            return 0;
        }
        catch (Exception exception) when (exception is DbException or OptionsValidationException)
        {
            await errors.WriteLineAsync($"the registry was not migrated: {exception.Message}");
            return 1;
        }
        catch (Fault fault)
        {
            await errors.WriteLineAsync(fault.Kind == FaultKind.Unavailable ? $"the queues were not declared: {fault.Message}" : $"configuration: {fault.Message}");
            return 1;
        }
    }
}
