using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Rollouts;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance.Rollouts;

/// <summary>A candidate is to be given another share of the requests.</summary>
/// <param name="Weight">The share: 0 to 1.</param>
/// <param name="Actor">Who decides: 1 to 128 characters.</param>
/// <param name="Reason">Why: 1 to 2000 characters.</param>
public sealed record ReweightRequest(double? Weight, string? Actor, string? Reason);

/// <summary>A person moves a rollout: another share, the candidate's promotion, or the end.</summary>
internal static class MoveRollout
{
    public static void Map(IEndpointRouteBuilder app)
    {
        Describe(app.MapPost("/rollouts/{id}/weight", async (RegistryStore registry, HttpRequest body, string id, CancellationToken cancellationToken) =>
            {
                var request = await JsonBody.ReadAsync<ReweightRequest>(body, """a JSON object such as {"weight": 0.5, "actor": "…", "reason": "…"}""", cancellationToken)
                    ?? new ReweightRequest(null, null, null);
                var decision = Decision.Require(new Decision(request.Actor, request.Reason), RolloutWeight.Problems(request.Weight));
                return await StepAsync(registry, id, RolloutStepKind.Reweighted, request.Weight!.Value, decision, cancellationToken);
            }).WithName("ReweightRollout").WithSummary("Gives the candidate another share of the requests").Accepts<ReweightRequest>("application/json"));

        Describe(app.MapPost("/rollouts/{id}/stop", async (RegistryStore registry, HttpRequest body, string id, CancellationToken cancellationToken) =>
                await StepAsync(registry, id, RolloutStepKind.Stopped, 0, await Decision.ReadAsync(body, cancellationToken), cancellationToken))
            .WithName("StopRollout").WithSummary("Ends a rollout: the champion answers alone again").Accepts<Decision>("application/json"));

        Describe(app.MapPost("/rollouts/{id}/finish", async (RegistryStore registry, HttpRequest body, string id, CancellationToken cancellationToken) =>
            {
                var decision = await Decision.ReadAsync(body, cancellationToken);
                // The promotion ends the rollout.
                return await MoveAsync(registry, id, RolloutStepKind.Finished, 1, (db, _, candidate, token) =>
                    Promotions.AddAsync(db, registry, candidate, decidedByRunId: null, decision.Actor!, decision.Reason!, token), cancellationToken);
            }).WithName("FinishRollout").WithSummary("Promotes the candidate, which ends its rollout").Accepts<Decision>("application/json"));
    }

    private static void Describe(RouteHandlerBuilder route) => route.WithTags("Rollouts")
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static Task<RolloutSummary> StepAsync(RegistryStore registry, string id, RolloutStepKind kind, double weight, Decision decision, CancellationToken cancellationToken) =>
        MoveAsync(registry, id, kind, weight, (db, rollout, candidate, token) => RolloutSteps.AddAsync(db, registry, rollout, candidate, kind, weight, decision, token), cancellationToken);

    private static Task<RolloutSummary> MoveAsync(
        RegistryStore registry, string id, RolloutStepKind kind, double weight,
        Func<RegistryDbContext, Rollout, ModelVersion, CancellationToken, Task> move, CancellationToken cancellationToken) =>
        registry.WriteAsync(async (db, token) =>
        {
            var (rollout, candidate) = await RolloutSteps.FindUnderWayAsync(db, id, token);
            await move(db, rollout, candidate, token);
            var champion = await db.ModelVersions.AsNoTracking().SingleAsync(row => row.Id == rollout.ChampionVersionId, token);
            return RolloutSummary.Of(rollout, candidate.Version, champion.Version, kind, weight);
        }, cancellationToken);
}
