using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Registry;

namespace Mlops.Hosting;

/// <summary>What every service has: registry, artifacts, bus, workers, faults as problem details, health, metrics.</summary>
public static class MlopsHost
{
    /// <summary>Where Docker and Kubernetes put secrets, a file each.</summary>
    private const string Secrets = "/run/secrets";

    /// <summary>
    /// Begins a service. Everything can be set by configuration: environment variables, command line, appsettings.json, and
    /// before all of them a file in <c>/run/secrets</c> that has the setting's name, with <c>__</c> for <c>:</c>.
    /// </summary>
    /// <param name="args">The command line.</param>
    /// <param name="service">The service's name, such as <c>trainer</c>.</param>
    /// <param name="listen">Where it listens unless configured otherwise.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args, string service, ListenOptions listen)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Configuration.AddKeyPerFile(Secrets, optional: true);
        builder.Services.AddSingleton(Replica.OfThisProcess(service));
        builder.Configuration.GetSection("Listen").Bind(listen);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, listen));
        return builder;
    }

    /// <summary>Finishes a service, once its features are added.</summary>
    public static WebApplication BuildMlops(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var replica = (Replica)services.Single(service => service.ServiceType == typeof(Replica)).ImplementationInstance!;
        services.AddOptions<RegistryOptions>().Bind(builder.Configuration.GetSection("Registry")).ValidateDataAnnotations().ValidateOnStart();
        services.AddRegistry();
        services.AddOptions<ArtifactOptions>().Bind(builder.Configuration.GetSection("Artifacts")).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(OpenArtifacts);
        services.TryAddSingleton(new WorkerCapabilities([WorkerCapabilities.Cpu]));
        services.AddProblemDetails().AddExceptionHandler<FaultResponses>();
        services.AddSingleton<IProblemDetailsWriter, AnyAcceptProblemWriter>();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower));
            json.SerializerOptions.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        });
        // First among the hosted services: the others find the registry ready.
        services.Insert(0, ServiceDescriptor.Singleton<Microsoft.Extensions.Hosting.IHostedService, RegistryStartup>());
        services.AddHealthChecks();
        services.AddTelemetry();
        services.AddBus(builder.Configuration, replica);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // With a log of its own it would make an activity and a scope for each request, which cost more than the rest of hosting.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Health is there to be asked for; a bus that is still starting is no error.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        var app = builder.Build();
        app.UseEarlyAnswers();
        app.UseExceptionHandler();
        // An answer without a body, such as that there is no such page, says so as problem details too.
        app.UseStatusCodePages();
        app.UseCrossSiteGuard();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready");
        app.MapTelemetry();
        return app;
    }

    private static IArtifactStore OpenArtifacts(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ArtifactOptions>>().Value;
        return options.Store == ArtifactStoreKind.S3 ? new S3ArtifactStore(options.S3) : new FolderArtifactStore(options.Root);
    }

    private static void Listen(KestrelServerOptions kestrel, ListenOptions listen)
    {
        var address = IPAddress.Parse(listen.Address);
        kestrel.Listen(address, listen.Http, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        if (listen.Grpc is { } port)
            kestrel.Listen(address, port, endpoint => endpoint.Protocols = HttpProtocols.Http2);
    }
}
