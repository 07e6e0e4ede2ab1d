using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>A person's decision that a version is to be served.</summary>
/// <param name="Actor">Who decides: 1 to 128 characters.</param>
/// <param name="Reason">Why: 1 to 2000 characters.</param>
public sealed record PromotionRequest(string? Actor, string? Reason);

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
    private const int MaxActor = 128;
    private const int MaxReason = 2_000;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/models/{name}/versions/{version}/promote", HandleAsync)
            .WithName(nameof(PromoteModel)).WithTags("Models")
            .WithSummary("Makes a version that passed its evaluation the champion, on a named person's decision")
            .Accepts<PromotionRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<PromotionSummary> HandleAsync(
        RegistryStore registry, HttpRequest body, string name, string version, CancellationToken cancellationToken)
    {
        var request = Require(await ReadAsync(body, cancellationToken));
        return await registry.WriteAsync(async (db, token) =>
        {
            var found = await FindModelVersion.ReadAsync(db, name, version, token);
            RequirePassed(found, await db.EvaluationReports.SingleOrDefaultAsync(report => report.ModelVersionId == found.Id, token));
            if (await Champions.Of(db).AnyAsync(promotion => promotion.ModelVersionId == found.Id, token))
                throw new Fault(FaultKind.Conflict, "version", $"{name} version {found.Version} is the champion already");
            var promotion = await Promotions.AddAsync(db, registry, found, decidedByRunId: null, request.Actor!, request.Reason!, token);
            return PromotionSummary.Of(promotion, found);
        }, cancellationToken);
    }

    private static async Task<PromotionRequest> ReadAsync(HttpRequest body, CancellationToken cancellationToken)
    {
        if (!body.HasJsonContentType())
            throw Fault.Invalid("Content-Type", $"'{body.ContentType}' is not accepted; application/json is");
        try
        {
            return await body.ReadFromJsonAsync<PromotionRequest>(cancellationToken) ?? new PromotionRequest(null, null);
        }
        catch (JsonException exception)
        {
            throw Fault.Invalid(exception.Path?.TrimStart('$', '.') ?? "", """not accepted; a JSON object such as {"actor": "…", "reason": "…"} is""");
        }
    }

    /// <summary>The request trimmed, or a fault with everything that is wrong.</summary>
    internal static PromotionRequest Require(PromotionRequest request)
    {
        var trimmed = new PromotionRequest(request.Actor?.Trim(), request.Reason?.Trim());
        var problems = new List<Problem>();
        Check("actor", trimmed.Actor, MaxActor, "who decides this", problems);
        Check("reason", trimmed.Reason, MaxReason, "why this version is to be served", problems);
        return problems.Count == 0 ? trimmed : throw new Fault(FaultKind.Invalid, problems);
    }

    private static void Check(string field, string? value, int max, string meaning, List<Problem> problems)
    {
        if (string.IsNullOrEmpty(value))
            problems.Add(new Problem(field, $"missing; {meaning}, in 1 to {max} characters, is accepted"));
        else if (value.Length > max)
            problems.Add(new Problem(field, $"{value.Length} characters are not accepted; 1 to {max} are"));
        else if (value.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t')))
            problems.Add(new Problem(field, "control characters are not accepted; printable text is"));
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
