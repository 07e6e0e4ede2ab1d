using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mlops.Registry.Durability;
using Mlops.Registry.Roles;

namespace Mlops.Registry;

/// <summary>Registers the registry.</summary>
public static class RegistryServices
{
    /// <summary>Adds <see cref="RegistryStore"/> and what it needs; options are bound by the caller.</summary>
    public static IServiceCollection AddRegistry(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RegistryContexts>();
        services.AddSingleton<RegistrySchema>();
        services.AddSingleton<ServiceRoles>();
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<WorkSignal>();
        services.AddSingleton<RunSignal>();
        services.AddSingleton<RegistryListener>();
        services.AddSingleton<RegistryStore>();
        services.AddSingleton<WorkQueue>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<Housekeeping>();
        return services;
    }
}
