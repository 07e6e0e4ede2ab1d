using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.Governance.ExternalRuns;

/// <summary>The model of a run elsewhere: an ONNX file that was stored before, and what its graph alone does not tell.</summary>
/// <param name="Digest">SHA-256 of the file, 64 hexadecimal digits.</param>
/// <param name="Task"><c>classification</c> or <c>regression</c>.</param>
/// <param name="Columns">By input, the data set's columns that it holds, in order; may be left out.</param>
/// <param name="Classes">The classes in the order of the probabilities; may be left out.</param>
public sealed record ExternalModelRequest(
    string? Digest, TaskKind? Task, IReadOnlyDictionary<string, IReadOnlyList<string>>? Columns = null, IReadOnlyList<string>? Classes = null);

/// <summary>A model version that was made elsewhere.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The model's name: the run's.</param>
/// <param name="Version">Its number within the name.</param>
/// <param name="Digest">SHA-256 of the ONNX file.</param>
public sealed record ExternalModelResponse(Guid Id, string Name, int Version, string Digest);

/// <summary>A model file that was read and checked, ready to become a model version.</summary>
internal sealed record ExternalModel(string Digest, long Bytes, ModelSignature Signature)
{
    /// <summary>Adds what is wrong with the request to <paramref name="problems"/>.</summary>
    public static void Check(string field, ExternalModelRequest model, List<Problem> problems)
    {
        if (!ContentDigest.TryParse(model.Digest, out _))
            problems.Add(new Problem(Of(field, "digest"), $"'{RequestValues.Shorten(model.Digest ?? "")}' {ContentDigest.Refusal}"));
        if (model.Task is null)
            problems.Add(new Problem(Of(field, "task"), "missing; classification or regression is accepted"));
    }

    /// <summary>Reads the file and takes its signature from its graph.</summary>
    /// <exception cref="Fault">Nothing is stored under the digest, it is no ONNX model, or it has not the inputs that are named.</exception>
    public static async Task<ExternalModel> ReadAsync(StoredModels models, string field, ExternalModelRequest model, CancellationToken cancellationToken)
    {
        var digest = ContentDigest.Parse(model.Digest!);
        var (bytes, graph) = await models.FindAsync(digest, cancellationToken)
            ?? throw Fault.Invalid(Of(field, "digest"), $"no file is stored under {digest}; one that was sent to /model-files before is accepted");
        var columns = model.Columns ?? new Dictionary<string, IReadOnlyList<string>>();
        if (columns.Keys.FirstOrDefault(name => graph.Inputs.All(input => input.Name != name)) is { } unknown)
            throw Fault.Invalid(Of(field, $"columns.{unknown}"), $"the model has no such input; {string.Join(", ", graph.Inputs.Select(input => input.Name))} are accepted");
        return new ExternalModel($"{digest}", bytes, new ModelSignature
        {
            Task = model.Task!.Value,
            Inputs = [.. graph.Inputs.Select(input => input with { Columns = columns.GetValueOrDefault(input.Name) ?? [] })],
            Outputs = graph.Outputs,
            Classes = model.Classes ?? [],
        });
    }

    /// <summary>Whether a version of the same file is said to take and give the same.</summary>
    public bool IsSaidAsIn(ModelSignature other) => Text(Signature) == Text(other);

    /// <summary>Adds it as the model version of a run, in this transaction, which holds the run.</summary>
    /// <returns>The version, and whether it is new: the same file again is the same version.</returns>
    /// <exception cref="Fault">Conflict: the run has another model already.</exception>
    public async Task<(ExternalModelResponse Version, bool IsNew)> AddAsync(RegistryDbContext db, RegistryStore registry, ExternalRun run, string actor, CancellationToken cancellationToken)
    {
        var kept = await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(row => row.ExternalRunId == run.Id, cancellationToken);
        if (kept is null)
            return (await AddFirstAsync(db, registry, run, actor, cancellationToken), true);
        return kept.Digest == Digest && IsSaidAsIn(kept.Signature)
            ? (ResponseOf(kept), false)
            : throw new Fault(FaultKind.Conflict, "digest", $"run {run.Id} has a model already, {kept.Name} version {kept.Version} with SHA-256 {kept.Digest}; another model, or other columns or classes, are another run's");
    }

    /// <summary>The same for a run that is recorded in this transaction, and so has no model yet.</summary>
    public async Task<ExternalModelResponse> AddFirstAsync(RegistryDbContext db, RegistryStore registry, ExternalRun run, string actor, CancellationToken cancellationToken)
    {
        var version = new ModelVersion
        {
            Id = registry.NewId(),
            Name = run.Name,
            Version = await VersionNumbers.NextModelVersionAsync(db, run.Name, cancellationToken),
            Digest = Digest,
            Bytes = Bytes,
            Signature = Signature,
            Method = ModelVersion.Original,
            ExternalRunId = run.Id,
            CreatedAt = registry.Now(),
        };
        db.Insert(version);
        db.Link(FactKind.ModelVersion, version.Id, "produced-by", FactKind.ExternalRun, run.Id);
        db.Audit(actor, "model.registered", version.Id, new { version.Name, version.Version, version.Digest, version.ExternalRunId, run.Source, run.License, run.DatasetDigest });
        db.Publish(new ModelRegistered
        {
            EventId = registry.NewId(),
            OccurredAt = version.CreatedAt,
            ExternalRunId = run.Id,
            ModelVersionId = version.Id,
            ModelName = version.Name,
            Version = version.Version,
            Digest = version.Digest,
        });
        return ResponseOf(version);
    }

    public static ExternalModelResponse ResponseOf(ModelVersion version) => new(version.Id, version.Name, version.Version, version.Digest);

    private static string Text(ModelSignature signature) => JsonSerializer.Serialize(signature, SpecJson.Canonical);

    private static string Of(string field, string part) => field.Length == 0 ? part : $"{field}.{part}";
}
