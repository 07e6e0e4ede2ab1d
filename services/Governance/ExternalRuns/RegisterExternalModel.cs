using Microsoft.AspNetCore.Http.HttpResults;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Lineage;

namespace Mlops.Governance.ExternalRuns;

/// <summary>The model of a run elsewhere, and who records it.</summary>
/// <param name="Actor">Who records it: 1 to 128 characters.</param>
/// <param name="Model">The model.</param>
public sealed record RegisterExternalModelRequest(string? Actor, ExternalModelRequest? Model);

/// <summary>Gives a run elsewhere its model. The same file again is answered as the first time.</summary>
internal static class RegisterExternalModel
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/external-runs/{id}/model", HandleAsync)
            .WithName(nameof(RegisterExternalModel)).WithTags("Runs from elsewhere").WithSummary("Registers the model of a run elsewhere, whose file was stored before")
            .Accepts<RegisterExternalModelRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<Created<ExternalModelResponse>, Ok<ExternalModelResponse>>> HandleAsync(
        RegistryStore registry, StoredModels models, HttpRequest body, string id, CancellationToken cancellationToken)
    {
        var runId = RequestValues.Id("id", id);
        var request = await JsonBody.ReadAsync<RegisterExternalModelRequest>(
            body, """a JSON object such as {"actor": "…", "model": {"digest": "…", "task": "classification"}}""", cancellationToken);
        var problems = new List<Problem>();
        var actor = request?.Actor?.Trim();
        PlainText.Check("actor", actor, Decision.MaxActor, "who records this", problems);
        if (request?.Model is { } wanted)
            ExternalModel.Check("model", wanted, problems);
        else
            problems.Add(new Problem("model", "missing; the model's digest and task are accepted"));
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
        var model = await ExternalModel.ReadAsync(models, "model", request!.Model!, cancellationToken);
        var (version, isNew) = await registry.WriteAsync(async (db, token) =>
        {
            await db.HoldAsync(FactKind.ExternalRun, runId, token);
            return await model.AddAsync(db, registry, await FindExternalRun.ReadAsync(db, runId, token), actor!, token);
        }, cancellationToken);
        return isNew ? TypedResults.Created($"/models/{version.Name}/versions/{version.Version}", version) : TypedResults.Ok(version);
    }
}
