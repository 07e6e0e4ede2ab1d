using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Lineage;

namespace Mlops.Governance.ExternalRuns;

/// <summary>Metrics to add to a run elsewhere, one or many.</summary>
/// <param name="Actor">Who records them: 1 to 128 characters.</param>
/// <param name="Metrics">1 to 1000 points.</param>
public sealed record ExternalMetricsRequest(string? Actor, IReadOnlyList<ExternalMetric?>? Metrics);

/// <summary>What became of them.</summary>
/// <param name="Added">Points that were not there before; those that were there with the same value are left as they are.</param>
public sealed record ExternalMetricsResponse(int Added);

/// <summary>Adds metrics to a run elsewhere, while it goes on or afterwards. The same points again change nothing.</summary>
internal static class AddExternalMetrics
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/external-runs/{id}/metrics", async (RegistryStore registry, HttpRequest body, string id, CancellationToken cancellationToken) =>
            {
                var runId = RequestValues.Id("id", id);
                var request = await JsonBody.ReadAsync<ExternalMetricsRequest>(
                    body, """a JSON object such as {"actor": "…", "metrics": [{"name": "train/loss", "step": 1, "value": 0.5}]}""", cancellationToken);
                var problems = new List<Problem>();
                var actor = request?.Actor?.Trim();
                PlainText.Check("actor", actor, Decision.MaxActor, "who records this", problems);
                if (request?.Metrics is not { Count: > 0 })
                    problems.Add(new Problem("metrics", $"missing; 1 to {ExternalMetrics.MaxPoints} points are accepted"));
                var points = ExternalMetrics.Check("metrics", request?.Metrics, runId, problems);
                if (problems.Count > 0)
                    throw new Fault(FaultKind.Invalid, problems);
                return await registry.WriteAsync(async (db, token) =>
                {
                    await db.HoldAsync(FactKind.ExternalRun, runId, token);
                    await FindExternalRun.ReadAsync(db, runId, token);
                    var added = await ExternalMetrics.AddAsync(db, runId, points, token);
                    if (added.Count > 0)
                        db.Audit(actor!, "external-run.metrics-added", runId, new { Metrics = ExternalMetrics.Audited(added) });
                    return new ExternalMetricsResponse(added.Count);
                }, cancellationToken);
            })
            .WithName(nameof(AddExternalMetrics)).WithTags("Runs from elsewhere").WithSummary("Adds metrics to a run elsewhere, one by one or in batches")
            .Accepts<ExternalMetricsRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
