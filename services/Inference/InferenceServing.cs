using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>Adds serving to a host: the service's own, or one that runs several services.</summary>
public static class InferenceServing
{
    /// <summary>Health checks that say whether this replica can answer; <c>grpc.health.v1</c> sums them up.</summary>
    internal const string HealthTag = "inference";

    /// <summary>Adds the model host, the data plane and the gRPC front; settings come from the section <c>Inference</c>.</summary>
    public static IServiceCollection AddInferenceServing(this IServiceCollection services)
    {
        services.AddOptions<InferenceOptions>().BindConfiguration(InferenceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ModelHost>();
        services.AddSingleton<DataPlane>();
        services.AddSingleton<InferenceGrpc>();
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

    /// <summary>Maps the protocol, <c>grpc.health.v1</c> and gRPC reflection. The endpoint must speak HTTP/2.</summary>
    public static IEndpointRouteBuilder MapInference(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<InferenceGrpc>().WithMetadata(new NoBodyLimit());
        endpoints.MapGrpcHealthChecksService();
        endpoints.MapGrpcReflectionService();
        return endpoints;
    }

    /// <summary>gRPC has its own limit on a message; Kestrel's on a body (30 MB) would cut in below it.</summary>
    private sealed class NoBodyLimit : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => null;
    }
}
