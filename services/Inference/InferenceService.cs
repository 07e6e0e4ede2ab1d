using Mlops.Hosting;
using Mlops.Inference.Rollouts;

namespace Mlops.Inference;

/// <summary>The inference service's features, for its own process or one that runs several services.</summary>
public static class InferenceService
{
    /// <summary>Adds serving of what was promoted.</summary>
    public static WebApplicationBuilder AddInference(this WebApplicationBuilder builder)
    {
        builder.Services.AddInferenceServing();
        builder.Services.AddSingleton<PromotedModels>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<PromotedModels>());
        builder.Services.AddHostedService<ReportRollouts>();
        builder.Services.AddHealthChecks().AddCheck<PromotedModelsHealth>("promoted-models", tags: [InferenceServing.HealthTag]);
        builder.Services.AddReplicaConsumer<DeployModel>();
        return builder;
    }
}
