using Mlops.Hosting;

namespace Mlops.Governance;

/// <summary>The governance service's features, for its own process or one that runs several services.</summary>
public static class GovernanceService
{
    /// <summary>Adds promotion and the outcome of runs.</summary>
    public static WebApplicationBuilder AddGovernance(this WebApplicationBuilder builder)
    {
        builder.Services.AddEventConsumer<ConsiderPromotion>();
        builder.Services.AddEventConsumer<RecordOutcome>();
        return builder;
    }

    /// <summary>Maps the API and the pages.</summary>
    public static WebApplication MapGovernance(this WebApplication app) => app;
}
