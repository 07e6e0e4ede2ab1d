using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mlops.Inference;

/// <summary>Not healthy while a model that was ordered has no version yet that answers, or once the server is about to leave.</summary>
internal sealed class ModelsHealth(ModelHost host) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(host.IsReady ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, "a model is still loading, or the server is shutting down"));
}
