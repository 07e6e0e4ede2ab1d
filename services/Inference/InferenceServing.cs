using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Mlops.Inference.Admission;
using Mlops.Inference.Wire;
using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>Adds serving to a host: the service's own, or one that runs several services.</summary>
public static class InferenceServing
{
    /// <summary>Health checks that say whether this replica can answer; <c>grpc.health.v1</c> sums them up.</summary>
    internal const string HealthTag = "inference";

    /// <summary>Adds the model host, the data plane and its two fronts; settings come from the section <c>Inference</c>.</summary>
    public static IServiceCollection AddInferenceServing(this IServiceCollection services)
    {
        services.AddOptions<InferenceOptions>().BindConfiguration(InferenceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ModelHost>();
        services.AddSingleton<DataPlane>();
        services.AddSingleton<Gate>();
        services.AddHostedService<Draining>();
        services.AddOptions<HostOptions>().PostConfigure<IOptions<InferenceOptions>>((host, own) => host.ShutdownTimeout += TimeSpan.FromSeconds(own.Value.Admission.DrainDelaySeconds));
        services.AddSingleton<InferenceGrpc>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<InferenceGrpc>, InferenceBinding>());
        services.AddRequestDecompression();
        services.AddSingleton<InferenceHttp>();
        services.AddGrpc();
        services.AddOptions<GrpcServiceOptions<InferenceGrpc>>()
            .PostConfigure<IOptions<InferenceOptions>>((grpc, own) => grpc.MaxReceiveMessageSize = own.Value.MaxMessageBytes);
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks(health => health.Services.Map(GRPCInferenceService.Descriptor.FullName, check => check.Tags.Contains(HealthTag)))
            .AddCheck<ModelsHealth>("models", tags: [HealthTag]);
        // Who watches health is told what was published last: at once, and again soon after it changes.
        services.Configure<HealthCheckPublisherOptions>(publisher => (publisher.Delay, publisher.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(5)));
        return services;
    }

    /// <summary>
    /// Maps the protocol over gRPC and REST, <c>grpc.health.v1</c> and gRPC reflection. gRPC needs a port that speaks HTTP/2;
    /// REST takes either.
    /// </summary>
    public static IEndpointRouteBuilder MapInference(this IEndpointRouteBuilder endpoints)
    {
        // gRPC says itself what goes wrong, and no page can send it: what HTTP has besides only costs here.
        var grpc = endpoints.MapGrpcService<InferenceGrpc>();
        grpc.WithMetadata(new NoBodyLimit()).ShortCircuit().Add(BrokenFrames.Tell);
        grpc.AdmitInfer(endpoints.ServiceProvider.GetRequiredService<Gate>());
        endpoints.MapGrpcHealthChecksService();
        endpoints.MapGrpcReflectionService();
        endpoints.ServiceProvider.GetRequiredService<InferenceHttp>().Map(endpoints);
        return endpoints;
    }

    /// <summary>Both fronts have a limit of their own on a message; Kestrel's on a body (30 MB) would cut in below it.</summary>
    internal sealed class NoBodyLimit : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => null;
    }
}
