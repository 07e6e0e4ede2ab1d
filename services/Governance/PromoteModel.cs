using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>An alias was pointed to a version.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ModelName">The model's name.</param>
/// <param name="Alias">Such as <c>champion</c>.</param>
/// <param name="Sequence">1, 2, 3 … within name and alias; the highest holds.</param>
/// <param name="ModelVersionId">The version's id.</param>
/// <param name="Version">Its number within the name.</param>
/// <param name="Digest">SHA-256 of its ONNX file.</param>
/// <param name="DecidedByRunId">The run whose spec decided it; absent when a person did.</param>
/// <param name="Reason">Why this version.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record PromotionSummary(
    Guid Id, string ModelName, string Alias, int Sequence, Guid ModelVersionId, int Version, string Digest, Guid? DecidedByRunId, string Reason, DateTimeOffset CreatedAt)
{
    internal static PromotionSummary Of(Promotion promotion, ModelVersion version) => new(
        promotion.Id, promotion.ModelName, promotion.Alias, promotion.Sequence, version.Id, version.Version, version.Digest,
        promotion.DecidedByRunId, promotion.Reason, promotion.CreatedAt);
}

internal static class PromoteModel
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/models/{name}/versions/{version}/promote", HandleAsync)
            .WithName(nameof(PromoteModel)).WithTags("Models")
            .WithSummary("Makes a version that passed its evaluation the champion, on a named person's decision")
            .Accepts<Decision>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<PromotionSummary> HandleAsync(
        RegistryStore registry, HttpRequest body, string name, string version, CancellationToken cancellationToken)
    {
        var decision = await Decision.ReadAsync(body, cancellationToken);
        return await registry.WriteAsync(async (db, token) =>
        {
            var found = await FindModelVersion.ReadAsync(db, name, version, token);
            RequirePassed(found, await db.EvaluationReports.SingleOrDefaultAsync(report => report.ModelVersionId == found.Id, token));
            if (await Champions.Of(db).AnyAsync(promotion => promotion.ModelVersionId == found.Id, token))
                throw new Fault(FaultKind.Conflict, "version", $"{name} version {found.Version} is the champion already");
            var promotion = await Promotions.AddAsync(db, registry, found, decidedByRunId: null, decision.Actor!, decision.Reason!, token);
            return PromotionSummary.Of(promotion, found);
        }, cancellationToken);
    }

    /// <summary>Throws unless the version met every gate, and says which it did not.</summary>
    internal static void RequirePassed(ModelVersion version, EvaluationReport? report)
    {
        if (report is null)
            throw new Fault(FaultKind.Conflict, "version", $"{version.Name} version {version.Version} has not been evaluated; only a version that passed can be promoted");
        if (!report.Passed)
            throw new Fault(FaultKind.Conflict,
            [
                new Problem("version", $"{version.Name} version {version.Version} has not passed; only a version that met every gate can be promoted"),
                .. report.Gates.Where(gate => !gate.Passed).Select(gate => new Problem($"gates.{gate.Metric}", gate.Reason)),
            ]);
    }
}
