using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Governance.Rollouts;
using Mlops.Registry;
using Mlops.Registry.Lineage;

namespace Mlops.Governance.Pages;

/// <summary>The pages: each shows what the API of the same name answers, rendered here and complete without a script; one that shows a run under way follows it by a script.</summary>
internal static class PageRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/", () => TypedResults.Redirect("/ui")).ExcludeFromDescription();
        var ui = app.MapGroup("/ui").ExcludeFromDescription().AddEndpointFilter(GuardAsync);
        ui.MapGet("", HomeAsync);
        ui.MapGet("/models/{name}", ModelAsync);
        ui.MapGet("/models/{name}/versions/{version}", VersionAsync);
        ui.MapGet("/rollouts/{id}", RolloutAsync);
        ui.MapGet("/runs/{id}", RunAsync);
        ui.MapGet("/lineage/{kind}/{id}", LineageAsync);
        ui.MapGet("/trace", TraceAsync);
        ui.MapGet("/audit", AuditAsync);
        ui.MapGet("/facts/{id}", FactAsync);
    }

    private static Task<PageResult<HomePage>> HomeAsync(RegistryStore registry, string? after, string? state, string? before, CancellationToken cancellationToken) =>
        registry.ReadAsync(async (db, token) => Page<HomePage>(new()
        {
            [nameof(HomePage.Models)] = await ListModels.ReadAsync(db, after, RequestValues.DefaultLimit, token),
            [nameof(HomePage.Runs)] = await ListRuns.ReadAsync(db, state, name: null, before, limit: null, token),
            [nameof(HomePage.State)] = state,
        }), cancellationToken);

    private static Task<PageResult<ModelPage>> ModelAsync(RegistryStore registry, string name, string? before, CancellationToken cancellationToken) =>
        registry.ReadAsync(async (db, token) => Page<ModelPage>(new()
        {
            [nameof(ModelPage.Model)] = await ShowModel.ReadAsync(db, name, before, RequestValues.DefaultLimit, token),
            [nameof(ModelPage.Rollouts)] = await ShowRollouts.ListAsync(db, name, token),
        }), cancellationToken);

    private static async Task<PageResult<VersionPage>> VersionAsync(
        RegistryStore registry, IArtifactStore artifacts, string name, string version, CancellationToken cancellationToken)
    {
        var (detail, lineage) = await registry.ReadAsync(async (db, token) =>
        {
            var detail = await ShowModelVersion.ReadAsync(db, name, version, token);
            return (detail, await ShowLineage.ReadAsync(db, SpecJson.NameOf(FactKind.ModelVersion), detail.Id.ToString(), direction: null, token));
        }, cancellationToken);
        var (report, problem) = await ReportContent.ReadAsync(artifacts, detail.Report, cancellationToken);
        return Page<VersionPage>(new()
        {
            [nameof(VersionPage.Version)] = detail,
            [nameof(VersionPage.Lineage)] = lineage,
            [nameof(VersionPage.Report)] = report,
            [nameof(VersionPage.ReportProblem)] = problem,
        });
    }

    private static Task<PageResult<RolloutPage>> RolloutAsync(RegistryStore registry, string id, CancellationToken cancellationToken) =>
        registry.ReadAsync(async (db, token) => Page<RolloutPage>(new()
        {
            [nameof(RolloutPage.Detail)] = await ShowRollouts.ReadAsync(db, registry, id, token),
        }), cancellationToken);

    private static Task<PageResult<RunPage>> RunAsync(RegistryStore registry, string id, string? trial, CancellationToken cancellationToken) =>
        registry.ReadAsync(async (db, token) => Page<RunPage>(new()
        {
            [nameof(RunPage.Run)] = await ShowRun.ReadAsync(db, id, token),
            [nameof(RunPage.Metrics)] = await ShowMetrics.ReadAsync(db, id, fold: null, repeat: null, trial, token),
            [nameof(RunPage.Trial)] = trial,
        }), cancellationToken);

    private static Task<PageResult<LineagePage>> LineageAsync(RegistryStore registry, string kind, string id, string? direction, CancellationToken cancellationToken) =>
        registry.ReadAsync(async (db, token) => Page<LineagePage>(new()
        {
            [nameof(LineagePage.Lineage)] = await ShowLineage.ReadAsync(db, kind, id, direction, token),
        }), cancellationToken);

    private static Task<PageResult<LineagePage>> TraceAsync(RegistryStore registry, string? digest, string? direction, CancellationToken cancellationToken)
    {
        var wanted = digest?.Trim() ?? "";
        return registry.ReadAsync(async (db, token) => Page<LineagePage>(new()
        {
            [nameof(LineagePage.Lineage)] = await ShowLineage.ReadByDigestAsync(db, wanted, direction, token),
            [nameof(LineagePage.Digest)] = wanted,
        }), cancellationToken);
    }

    private static Task<PageResult<AuditLogPage>> AuditAsync(RegistryStore registry, string? before, string? subject, CancellationToken cancellationToken) =>
        registry.ReadAsync(async (db, token) => Page<AuditLogPage>(new()
        {
            [nameof(AuditLogPage.Log)] = await ListAudit.ReadNewestAsync(db, before, subject, token),
            [nameof(AuditLogPage.Check)] = await VerifyAudit.ReadAsync(db, token),
            [nameof(AuditLogPage.Subject)] = subject,
        }), cancellationToken);

    private static async Task<RedirectHttpResult> FactAsync(RegistryStore registry, string id, CancellationToken cancellationToken) =>
        TypedResults.Redirect(await registry.ReadAsync((db, token) => FindFact.PathAsync(db, id, token), cancellationToken));

    private static PageResult<TPage> Page<TPage>(Dictionary<string, object?> parameters)
        where TPage : IComponent
        => new(parameters, StatusCodes.Status200OK);

    /// <summary>Lets nothing but our own style and script into a page, and says faults as a page.</summary>
    private static async ValueTask<object?> GuardAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = PageAssets.ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        try
        {
            return await next(context);
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Invalid or FaultKind.NotFound)
        {
            return new PageResult<FaultPage>(
                new() { [nameof(FaultPage.Fault)] = fault },
                fault.Kind == FaultKind.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest);
        }
    }
}
