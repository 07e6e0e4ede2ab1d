using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Tabular;

namespace Mlops.Datasets;

/// <summary>
/// Registers a version of a data set, and begins a run if it comes with a spec. The file is parsed and checked while it
/// streams into the store; whatever is wrong with it or with the spec, nothing is stored and nothing registered.
/// </summary>
internal sealed class RegisterDataset(RegistryStore registry, IArtifactStore artifacts, IOptions<DatasetsOptions> options)
{
    public static void Map(RouteGroupBuilder datasets) =>
        datasets.MapPost("/{name}/versions", async (string name, HttpRequest request, RegisterDataset feature, CancellationToken cancellationToken) =>
            {
                var registered = await feature.RegisterAsync(name, request, cancellationToken);
                return TypedResults.Created($"/datasets/{registered.Dataset.Name}/versions/{registered.Dataset.Version}", registered);
            })
            .WithName("RegisterDataset")
            .WithSummary("Register a version of a data set; with a pipeline spec, train and serve a model of it")
            .Accepts<IFormFile>("multipart/form-data", "text/csv")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge);

    private async Task<RegisteredResponse> RegisterAsync(string name, HttpRequest request, CancellationToken cancellationToken)
    {
        ResourceName.Require(name, "name");
        var maxBytes = options.Value.MaxFileBytes;
        var upload = await Upload.OpenAsync(request, name, maxBytes, cancellationToken);

        // 1. Into the store, parsed on the way; a fault takes the file back out.
        Table table = null!;
        RowSplit? split = null;
        var stored = await artifacts.PutAsync(async (sink, token) =>
        {
            var csv = (upload.Spec is null ? new CsvOptions() : CsvOptions.For(upload.Spec)) with { MaxBytes = maxBytes };
            table = await CsvTable.ReadAsync(new TeeStream(upload.Csv, sink), csv, token);
            split = upload.Spec is null ? null : PipelineStart.Check(upload.Spec, table);
        }, cancellationToken);
        var splitDigest = split is null ? default : (await artifacts.PutAsync(split.ToBytes(), cancellationToken)).Digest;

        // 2. Fact, lineage, audit and event in one.
        var runId = upload.Spec is null ? (Guid?)null : registry.NewId();
        var version = await registry.WriteAsync(async (db, token) =>
        {
            var version = await VersionAsync(db, name, stored, table, upload.Spec, token);
            var run = upload.Spec is null ? null : PipelineStart.Add(db, registry, runId!.Value, upload.Spec, version, splitDigest);
            db.Publish(new DatasetRegistered
            {
                EventId = registry.NewId(),
                OccurredAt = registry.Now(),
                PipelineRunId = runId,
                DatasetVersionId = version.Id,
                Name = version.Name,
                Version = version.Version,
                Digest = version.Digest,
                Rows = version.Rows,
                SpecDigest = run?.SpecDigest,
            });
            return version;
        }, cancellationToken);
        return new RegisteredResponse(DatasetResponse.Of(version), runId);
    }

    /// <summary>The same bytes read as the same columns are the same version, however often they are registered.</summary>
    private async Task<DatasetVersion> VersionAsync(
        RegistryDbContext db, string name, StoredArtifact stored, Table table, PipelineSpec? spec, CancellationToken cancellationToken)
    {
        var (digest, schema) = (stored.Digest.ToString(), JsonSerializer.Serialize(TableSchema.Of(table), SpecJson.Canonical));
        var number = await VersionNumbers.NextDatasetVersionAsync(db, name, cancellationToken);
        if (await db.DatasetVersions.SingleOrDefaultAsync(row => row.Name == name && row.Digest == digest && row.Schema == schema, cancellationToken) is { } same)
            return same;
        var version = new DatasetVersion
        {
            Id = registry.NewId(),
            Name = name,
            Version = number,
            Digest = digest,
            Bytes = stored.Length,
            Rows = table.Rows,
            Schema = schema,
            Profile = JsonSerializer.Serialize(TableProfile.Of(table, spec is { Task: TaskKind.Classification } ? spec.Target[0] : null), SpecJson.Canonical),
            CreatedAt = registry.Now(),
        };
        db.DatasetVersions.Add(version);
        db.Audit("datasets", "dataset.registered", version.Id, new { version.Name, version.Version, version.Digest, version.Rows });
        return version;
    }
}
