using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mlops.Inference;

/// <summary>A replica that has just begun is not ready before it serves what was promoted until then.</summary>
internal sealed class PromotedModelsHealth(PromotedModels promoted) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        promoted.HasBegun ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("what was promoted is not loaded yet"));
}
