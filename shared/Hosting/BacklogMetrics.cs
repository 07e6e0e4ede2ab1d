using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>Registers the metrics of what waits in the registry.</summary>
public static class BacklogMeasuring
{
    /// <summary>Has this process measure the registry's backlog; every replica that does tells the same numbers.</summary>
    public static IServiceCollection AddBacklogMetrics(this IServiceCollection services) => services.AddHostedService<BacklogMetrics>();
}

/// <summary>
/// Reads the backlog now and then, so that being asked for metrics costs the registry nothing. While the registry is away
/// there are no numbers, rather than old ones.
/// </summary>
internal sealed partial class BacklogMetrics : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly RegistryStore _registry;
    private readonly TimeProvider _time;
    private readonly ILogger<BacklogMetrics> _logger;
    private volatile Backlog? _backlog;

    public BacklogMetrics(RegistryStore registry, TimeProvider time, IMeterFactory meters, ILogger<BacklogMetrics> logger)
    {
        (_registry, _time, _logger) = (registry, time, logger);
        var meter = meters.Create(Telemetry.MeterName);
        meter.CreateObservableGauge("mlops.work.items", Work, "{item}", "Pieces of work that are queued, leased to a worker, or given up.");
        meter.CreateObservableGauge("mlops.outbox.messages", () => Measured(backlog => (double)backlog.OutboxMessages), "{message}", "Events that were committed and that the bus has not been given yet.");
        meter.CreateObservableGauge("mlops.outbox.age", () => Measured(backlog => backlog.OutboxAge.TotalSeconds), "s", "How long the oldest of these events has waited.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _backlog = await Backlog.ReadAsync(_registry, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The loop's edge: the registry may be away for a while.
                _backlog = null;
                LogNotRead(exception);
            }
            await Task.Delay(Interval, _time, stoppingToken);
        }
    }

    private IEnumerable<Measurement<int>> Work() => (_backlog?.Work ?? []).Select(work => new Measurement<int>(
        work.Count,
        new KeyValuePair<string, object?>("kind", work.Kind),
        new KeyValuePair<string, object?>("requirement", work.Requirement),
        new KeyValuePair<string, object?>("state", work.State.ToString().ToLowerInvariant())));

    private IEnumerable<Measurement<double>> Measured(Func<Backlog, double> value) => _backlog is { } backlog ? [new Measurement<double>(value(backlog))] : [];

    [LoggerMessage(Level = LogLevel.Warning, Message = "the registry's backlog could not be measured; trying again")]
    private partial void LogNotRead(Exception exception);
}
