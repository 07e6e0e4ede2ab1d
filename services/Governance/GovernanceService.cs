using Mlops.Governance.ExternalRuns;
using Mlops.Governance.ModelCheck;
using Mlops.Governance.Pages;
using Mlops.Governance.Reproductions;
using Mlops.Governance.Rollouts;
using Mlops.Hosting;

namespace Mlops.Governance;

/// <summary>The governance service's features, for its own process or one that runs several services.</summary>
public static class GovernanceService
{
    /// <summary>Adds promotion and the outcome of runs.</summary>
    public static WebApplicationBuilder AddGovernance(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<GovernanceOptions>().BindConfiguration(GovernanceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddEventConsumer<ConsiderPromotion>();
        builder.Services.AddEventConsumer<JudgeRollout>();
        builder.Services.AddEventConsumer<RecordOutcome>();
        builder.Services.AddSingleton<ModelSandbox>();
        builder.Services.AddSingleton<StoredModels>();
        builder.Services.AddDeadLetterRecorder();
        builder.Services.AddHousekeeping();
        builder.Services.AddBacklogMetrics();
        return builder;
    }

    /// <summary>Maps the HTTP API and the pages.</summary>
    public static IEndpointRouteBuilder MapGovernance(this IEndpointRouteBuilder app)
    {
        ListModels.Map(app);
        ShowModel.Map(app);
        ShowModelVersion.Map(app);
        RegisterModelVersion.Map(app);
        DownloadModel.Map(app);
        ShowReport.Map(app);
        PromoteModel.Map(app);
        StartRollout.Map(app);
        MoveRollout.Map(app);
        ShowRollouts.Map(app);
        ListRuns.Map(app);
        ShowRun.Map(app);
        FollowRun.Map(app);
        CancelRun.Map(app);
        RetryRun.Map(app);
        DeadLetterApi.Map(app);
        ShowMetrics.Map(app);
        RequestReproduction.Map(app);
        ShowReproduction.Map(app);
        UploadModelFile.Map(app);
        RecordExternalRun.Map(app);
        AddExternalMetrics.Map(app);
        RegisterExternalModel.Map(app);
        ShowExternalRuns.Map(app);
        ShowLineage.Map(app);
        ListAudit.Map(app);
        VerifyAudit.Map(app);
        PageRoutes.Map(app);
        return app;
    }
}
