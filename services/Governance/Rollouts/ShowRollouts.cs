using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Rollouts;
using Mlops.Monitoring;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance.Rollouts;

/// <summary>A rollout and how it stands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ModelName">The model's name.</param>
/// <param name="Mode">How the candidate is tried.</param>
/// <param name="State">What became of it last.</param>
/// <param name="Weight">Share of the requests that the candidate is given now.</param>
/// <param name="CandidateVersion">The candidate's number.</param>
/// <param name="ChampionVersion">The number of the version that it is compared with.</param>
/// <param name="Objectives">What it must hold to.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record RolloutSummary(
    Guid Id, string ModelName, RolloutMode Mode, RolloutStepKind State, double Weight, int CandidateVersion, int ChampionVersion, RolloutObjectives Objectives, DateTimeOffset CreatedAt)
{
    internal static RolloutSummary Of(Rollout rollout, int candidate, int champion, RolloutStepKind state, double weight) =>
        new(rollout.Id, rollout.ModelName, rollout.Mode, state, weight, candidate, champion, rollout.Objectives, rollout.CreatedAt);
}

/// <summary>A rollout with its steps, and what was seen of it.</summary>
/// <param name="Rollout">How it stands.</param>
/// <param name="Steps">In their order.</param>
/// <param name="Champion">What the champion did within the objectives' window before now, or before the end.</param>
/// <param name="Candidate">The same of the candidate.</param>
/// <param name="Findings">How the candidate stands with each objective.</param>
public sealed record RolloutDetail(RolloutSummary Rollout, IReadOnlyList<StepSummary> Steps, SideSummary Champion, SideSummary Candidate, IReadOnlyList<RolloutFinding> Findings);

/// <summary>A step of a rollout.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Weight">Share of the requests from then on.</param>
/// <param name="Actor">Who decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record StepSummary(RolloutStepKind Kind, double Weight, string Actor, string Reason, DateTimeOffset CreatedAt);

/// <summary>What one side did.</summary>
/// <param name="Requests">Requests that it was given.</param>
/// <param name="Errors">Those that it did not answer.</param>
/// <param name="MedianMilliseconds">Absent where none was answered.</param>
/// <param name="P99Milliseconds">Absent where none was answered.</param>
public sealed record SideSummary(long Requests, long Errors, double? MedianMilliseconds, double? P99Milliseconds)
{
    internal static SideSummary Of(ObservedAnswers side) =>
        new(side.Requests, side.Errors, SketchBins.Quantile(side.Latency, 0.5) / 1000, SketchBins.Quantile(side.Latency, 0.99) / 1000);
}

internal static class ShowRollouts
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/models/{name}/rollouts", (RegistryStore registry, string name, CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ListAsync(db, name, token), cancellationToken))
            .WithName("ListRollouts").WithTags("Rollouts").WithSummary("Lists a model's rollouts, newest first");
        app.MapGet("/rollouts/{id}", (RegistryStore registry, string id, CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, registry, id, token), cancellationToken))
            .WithName("ShowRollout").WithTags("Rollouts").WithSummary("Shows a rollout with its steps, what was seen of both versions, and the verdict")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    public static async Task<IReadOnlyList<RolloutSummary>> ListAsync(RegistryDbContext db, string name, CancellationToken cancellationToken)
    {
        var rollouts = await db.Rollouts.Where(rollout => rollout.ModelName == name).OrderByDescending(rollout => rollout.CreatedAt).Take(RequestValues.DefaultLimit).ToListAsync(cancellationToken);
        var summaries = new List<RolloutSummary>();
        foreach (var rollout in rollouts)
            summaries.Add(await SummaryAsync(db, rollout, await ActiveRollouts.LastStepAsync(db, rollout.Id, cancellationToken), cancellationToken));
        return summaries;
    }

    public static async Task<RolloutDetail> ReadAsync(RegistryDbContext db, RegistryStore registry, string id, CancellationToken cancellationToken)
    {
        var rollout = await RolloutSteps.FindAsync(db, id, cancellationToken);
        var steps = await db.RolloutSteps.Where(step => step.RolloutId == rollout.Id).OrderBy(step => step.Sequence).ToListAsync(cancellationToken);
        var sight = await RolloutSights.ReadAsync(db, rollout, steps[^1].IsEnd ? steps[^1].CreatedAt : registry.Now(), cancellationToken);
        return new RolloutDetail(
            await SummaryAsync(db, rollout, steps[^1], cancellationToken),
            [.. steps.Select(step => new StepSummary(step.Kind, step.Weight, step.Actor, step.Reason, step.CreatedAt))],
            SideSummary.Of(sight.Champion), SideSummary.Of(sight.Candidate), RolloutVerdict.Judge(rollout.Objectives, sight));
    }

    private static async Task<RolloutSummary> SummaryAsync(RegistryDbContext db, Rollout rollout, RolloutStep last, CancellationToken cancellationToken)
    {
        var numbers = await db.ModelVersions.Where(version => version.Id == rollout.ModelVersionId || version.Id == rollout.ChampionVersionId)
            .ToDictionaryAsync(version => version.Id, version => version.Version, cancellationToken);
        return RolloutSummary.Of(rollout, numbers[rollout.ModelVersionId], numbers[rollout.ChampionVersionId], last.Kind, last.Weight);
    }
}
