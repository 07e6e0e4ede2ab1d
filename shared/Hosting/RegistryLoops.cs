using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>Keeps listening to what other processes commit. On the embedded default there is no other process.</summary>
internal sealed partial class ListenerLoop(RegistryListener listener, RegistryContexts contexts, TimeProvider time, ILogger<ListenerLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!contexts.IsEmbedded && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await listener.ListenAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The loop's edge: without it the loops of this process still poll.
                LogNotListening(exception);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the registry's notifications are not heard; trying again")]
    private partial void LogNotListening(Exception exception);
}

/// <summary>Registers the cleaning of the registry.</summary>
public static class RegistryCleaning
{
    /// <summary>Has this process clean the registry now and then.</summary>
    public static IServiceCollection AddHousekeeping(this IServiceCollection services) => services.AddHostedService<HousekeepingLoop>();
}

/// <summary>Cleans the registry now and then.</summary>
internal sealed partial class HousekeepingLoop(Housekeeping housekeeping, TimeProvider time, ILogger<HousekeepingLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await housekeeping.CleanAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The loop's edge: what was not cleaned now is cleaned later.
                LogNotCleaned(exception);
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the registry was not cleaned; trying again later")]
    private partial void LogNotCleaned(Exception exception);
}
