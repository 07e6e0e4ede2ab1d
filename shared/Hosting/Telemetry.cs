using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Mlops.Hosting;

/// <summary>The service's metrics, at <c>/metrics</c> in Prometheus's format.</summary>
internal static class Telemetry
{
    /// <summary>The meter of what is ours.</summary>
    public const string MeterName = "Mlops";

    /// <summary>Beside ours: events, requests, connections to the database, and the runtime.</summary>
    private static readonly string[] Meters =
        [MeterName, "MassTransit", "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    public static void AddTelemetry(this IServiceCollection services)
    {
        services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Meters).AddPrometheusExporter());
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) => metrics.AddView(OfThisHost(provider.GetRequiredService<IMeterFactory>())));
    }

    /// <summary>
    /// Meters are listened to by name throughout the process: without this, a second host's numbers would mix with this
    /// host's, and both would end with whichever host ends first.
    /// </summary>
    private static Func<Instrument, MetricStreamConfiguration?> OfThisHost(IMeterFactory meters) => instrument =>
        instrument.Meter.Scope is null || instrument.Meter.Scope == meters ? null : MetricStreamConfiguration.Drop;

    public static void MapTelemetry(this WebApplication app) => app.MapPrometheusScrapingEndpoint();
}
