using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Rollouts;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.Governance.Rollouts;

/// <summary>A version is to be tried on a model's requests.</summary>
/// <param name="Version">The candidate's number.</param>
/// <param name="Mode"><c>canary</c> answers a share of the requests; <c>shadow</c> is given copies, and never answers.</param>
/// <param name="Weight">The share: 0 to 1.</param>
/// <param name="Objectives">What it must hold to; defaults unless given.</param>
/// <param name="Actor">Who decides: 1 to 128 characters.</param>
/// <param name="Reason">Why: 1 to 2000 characters.</param>
public sealed record RolloutRequest(int? Version, RolloutMode? Mode, double? Weight, RolloutObjectives? Objectives, string? Actor, string? Reason);

/// <summary>Starts a rollout. The champion goes on answering whatever the candidate does not.</summary>
internal static class StartRollout
{
    private const string Accepted = """a JSON object such as {"version": 4, "mode": "canary", "weight": 0.1, "actor": "…", "reason": "…"}""";

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/models/{name}/rollouts", async (RegistryStore registry, HttpRequest body, string name, CancellationToken cancellationToken) =>
            {
                var request = await JsonBody.ReadAsync<RolloutRequest>(body, Accepted, cancellationToken) ?? new RolloutRequest(null, null, null, null, null, null);
                var decision = Check(request);
                return await registry.WriteAsync((db, token) => StartAsync(db, registry, name, request, decision, token), cancellationToken);
            })
            .WithName(nameof(StartRollout)).WithTags("Rollouts").WithSummary("Tries a version that passed its evaluation on a share of its model's requests, on a named person's decision")
            .Accepts<RolloutRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static Decision Check(RolloutRequest request)
    {
        var problems = new List<Problem>();
        if (!(request.Version >= 1))
            problems.Add(new Problem("version", $"{(request.Version is { } version ? $"{version} is not accepted" : "missing")}; the number of a version is"));
        if (request.Mode is null)
            problems.Add(new Problem("mode", "missing; canary or shadow is accepted"));
        problems.AddRange(RolloutWeight.Problems(request.Weight));
        problems.AddRange((request.Objectives ?? new RolloutObjectives()).Problems("objectives"));
        if (request is { Mode: RolloutMode.Canary, Objectives.MaxDisagreement: not null })
            problems.Add(new Problem("objectives.maxDisagreement", "a canary's answers have no others to be compared with; it is accepted with the mode shadow"));
        return Decision.Require(new Decision(request.Actor, request.Reason), problems);
    }

    internal static async Task<RolloutSummary> StartAsync(
        RegistryDbContext db, RegistryStore registry, string name, RolloutRequest request, Decision decision, CancellationToken cancellationToken)
    {
        await ActiveRollouts.HoldAsync(db, name, cancellationToken);
        var candidate = await FindModelVersion.ReadAsync(db, name, $"{request.Version}", cancellationToken);
        PromoteModel.RequirePassed(candidate, await db.EvaluationReports.AsNoTracking().SingleOrDefaultAsync(report => report.ModelVersionId == candidate.Id, cancellationToken));
        var championId = await Champions.Of(db).Where(promotion => promotion.ModelName == name).Select(promotion => (Guid?)promotion.ModelVersionId).SingleOrDefaultAsync(cancellationToken)
            ?? throw new Fault(FaultKind.Conflict, "name", $"{name} has no champion to compare with; promote a version first");
        if (championId == candidate.Id)
            throw new Fault(FaultKind.Conflict, "version", $"{name} version {candidate.Version} is the champion already");
        if (await ActiveRollouts.Of(db).Where(rollout => rollout.ModelName == name).Select(rollout => (Guid?)rollout.Id).SingleOrDefaultAsync(cancellationToken) is { } other)
            throw new Fault(FaultKind.Conflict, "name", $"rollout {other} of {name} goes on; stop or finish it first");
        var champion = await db.ModelVersions.AsNoTracking().SingleAsync(row => row.Id == championId, cancellationToken);
        var problems = SameSignature.Problems(champion, candidate).ToList();
        if (problems.Count > 0)
            throw new Fault(FaultKind.Conflict, problems);

        var rollout = new Rollout
        {
            Id = registry.NewId(),
            ModelName = name,
            ModelVersionId = candidate.Id,
            ChampionVersionId = championId,
            Mode = request.Mode!.Value,
            Objectives = request.Objectives ?? new RolloutObjectives(),
            CreatedAt = registry.Now(),
        };
        db.Insert(rollout);
        db.Link(FactKind.Rollout, rollout.Id, "tries", FactKind.ModelVersion, candidate.Id);
        db.Link(FactKind.Rollout, rollout.Id, "against", FactKind.ModelVersion, championId);
        await RolloutSteps.AddAsync(db, registry, rollout, candidate, RolloutStepKind.Started, request.Weight!.Value, decision, cancellationToken);
        return RolloutSummary.Of(rollout, candidate.Version, champion.Version, RolloutStepKind.Started, request.Weight.Value);
    }
}
