using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.Governance.ExternalRuns;

/// <summary>A model of which only the file and what is said of it are known.</summary>
/// <param name="Digest">SHA-256 of the ONNX file, which was sent to <c>/model-files</c> before: 64 hexadecimal digits.</param>
/// <param name="Task"><c>classification</c> or <c>regression</c>.</param>
/// <param name="Columns">By input, the data set's columns that it holds, in order; may be left out.</param>
/// <param name="Classes">The classes in the order of the probabilities; may be left out.</param>
/// <param name="Source">Where it is from, such as an address or <c>scikit-learn 1.2.1</c>: 1 to 200 characters.</param>
/// <param name="License">Under which license it may be used, such as <c>Apache-2.0</c>: 1 to 200 characters.</param>
/// <param name="TrainingDataDigest">SHA-256 of the data that it was trained on, if known; a data set that is registered here stands in the lineage.</param>
/// <param name="Actor">Who registers it: 1 to 128 characters.</param>
public sealed record ModelVersionRequest(
    string? Digest, TaskKind? Task, IReadOnlyDictionary<string, IReadOnlyList<string>>? Columns, IReadOnlyList<string>? Classes,
    string? Source, string? License, string? TrainingDataDigest, string? Actor);

/// <summary>
/// Registers an ONNX file that was made anywhere as a version of a model, with where it is from. The same file again, with the
/// same said of its inputs and classes, is the version that it was the first time.
/// </summary>
internal static class RegisterModelVersion
{
    private const int MaxText = 200;
    private const string Accepted =
        """a JSON object such as {"digest": "…", "task": "classification", "source": "…", "license": "Apache-2.0", "actor": "…"}""";

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/models/{name}/versions", HandleAsync)
            .WithName(nameof(RegisterModelVersion)).WithTags("Models").WithSummary("Registers an ONNX file that was made elsewhere as a version of a model, with its provenance")
            .Accepts<ModelVersionRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<Created<ExternalModelResponse>, Ok<ExternalModelResponse>>> HandleAsync(
        RegistryStore registry, StoredModels models, HttpRequest body, string name, CancellationToken cancellationToken)
    {
        ResourceName.Require(name, "name");
        var request = await JsonBody.ReadAsync<ModelVersionRequest>(body, Accepted, cancellationToken) ?? throw Fault.Invalid("", $"null is not accepted; {Accepted} is");
        var wanted = Require(request);
        var model = await ExternalModel.ReadAsync(models, "", wanted, cancellationToken);
        var (version, isNew) = await registry.WriteAsync(async (db, token) =>
        {
            // Nobody else gives out a number of this name meanwhile, so that the same file is not registered twice at once.
            await VersionNumbers.NextModelVersionAsync(db, name, token);
            var sameFile = await db.ModelVersions.AsNoTracking().Where(row => row.Name == name && row.Digest == model.Digest && row.ParentId == null).OrderBy(row => row.Version).ToListAsync(token);
            if (sameFile.Find(row => model.IsSaidAsIn(row.Signature)) is { } kept)
                return (ExternalModel.ResponseOf(kept), false);
            return (await model.AddFirstAsync(db, registry, await AddOriginAsync(db, registry, name, request, token), request.Actor!.Trim(), token), true);
        }, cancellationToken);
        return isNew ? TypedResults.Created($"/models/{version.Name}/versions/{version.Version}", version) : TypedResults.Ok(version);
    }

    private static ExternalModelRequest Require(ModelVersionRequest request)
    {
        var (problems, wanted) = (new List<Problem>(), new ExternalModelRequest(request.Digest, request.Task, request.Columns, request.Classes));
        ExternalModel.Check("", wanted, problems);
        PlainText.Check("source", request.Source?.Trim(), MaxText, "where it is from", problems);
        PlainText.Check("license", request.License?.Trim(), MaxText, "under which license it may be used, such as Apache-2.0", problems);
        PlainText.Check("actor", request.Actor?.Trim(), Decision.MaxActor, "who registers it", problems);
        if (request.TrainingDataDigest is { } digest && !ContentDigest.TryParse(digest, out _))
            problems.Add(new Problem("trainingDataDigest", $"'{RequestValues.Shorten(digest)}' {ContentDigest.Refusal}"));
        return problems.Count == 0 ? wanted : throw new Fault(FaultKind.Invalid, problems);
    }

    /// <summary>What is known of how it was made.</summary>
    private static async Task<ExternalRun> AddOriginAsync(RegistryDbContext db, RegistryStore registry, string name, ModelVersionRequest request, CancellationToken cancellationToken)
    {
        var digest = request.TrainingDataDigest;
        var run = new ExternalRun
        {
            Id = registry.NewId(),
            Name = name,
            Source = request.Source!.Trim(),
            License = request.License!.Trim(),
            Parameters = "{}",
            DatasetDigest = digest,
            DatasetVersionId = digest is null ? null : await FindExternalRun.DatasetAsync(db, digest, cancellationToken),
            StartedAt = registry.Now(),
            CreatedAt = registry.Now(),
        };
        db.Insert(run);
        if (run.DatasetVersionId is { } dataset)
            db.Link(FactKind.ExternalRun, run.Id, "trained-on", FactKind.DatasetVersion, dataset);
        db.Audit(request.Actor!.Trim(), "external-model.recorded", run.Id, new { run.Name, run.Source, run.License, run.DatasetDigest });
        return run;
    }
}
