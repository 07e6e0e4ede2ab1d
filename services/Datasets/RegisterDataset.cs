using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
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
        datasets.MapPost("/{name}/versions", (string name, HttpRequest request, RegisterDataset feature, CancellationToken cancellationToken) =>
                feature.RegisterAsync(name, request, cancellationToken))
            .WithName("RegisterDataset")
            .WithSummary("Register a version of a data set; with a pipeline spec, train and serve a model of it")
            // The server's own bound breaks the connection off; ours are answered.
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge);

    private async Task<Results<Created<RegisteredResponse>, Ok<RegisteredResponse>>> RegisterAsync(
        string name, HttpRequest request, CancellationToken cancellationToken)
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
            await upload.RequireEndAsync(token);
            split = upload.Spec is null ? null : PipelineStart.Check(upload.Spec, table);
        }, cancellationToken);

        // 2. Fact, lineage, audit and event in one; even if the caller hangs up, so that nothing is stored that nobody knows.
        var splitDigest = split is null ? default : (await artifacts.PutAsync(split.ToBytes(), CancellationToken.None)).Digest;
        var file = FileFacts.Of(stored, table, upload.Spec);
        var runId = upload.Spec is null ? (Guid?)null : registry.NewId();
        var (version, isNew) = await registry.WriteAsync(async (db, token) =>
        {
            var (version, isNew) = await VersionAsync(db, name, file, token);
            var run = upload.Spec is null ? null : PipelineStart.Add(db, registry, runId!.Value, upload.Spec, version, splitDigest);
            if (isNew || run is not null)
                db.Publish(Registered(version, run));
            return (version, isNew);
        }, CancellationToken.None);

        var response = new RegisteredResponse(DatasetResponse.Of(version), runId);
        return isNew || runId is not null
            ? TypedResults.Created($"/datasets/{version.Name}/versions/{version.Version}", response)
            : TypedResults.Ok(response);
    }

    /// <summary>The same bytes read as the same columns are the same version, however often they are registered.</summary>
    private async Task<(DatasetVersion Version, bool IsNew)> VersionAsync(RegistryDbContext db, string name, FileFacts file, CancellationToken cancellationToken)
    {
        var number = await VersionNumbers.NextDatasetVersionAsync(db, name, cancellationToken);
        if (await db.DatasetVersions.SingleOrDefaultAsync(row => row.Name == name && row.Digest == file.Digest && row.Schema == file.Schema, cancellationToken) is { } same)
            return (same, false);
        var version = new DatasetVersion
        {
            Id = registry.NewId(),
            Name = name,
            Version = number,
            Digest = file.Digest,
            Bytes = file.Bytes,
            Rows = file.Rows,
            Schema = file.Schema,
            Profile = file.Profile,
            CreatedAt = registry.Now(),
        };
        db.Insert(version);
        db.Audit("datasets", "dataset.registered", version.Id, new { version.Name, version.Version, version.Digest, version.Rows });
        return (version, true);
    }

    private DatasetRegistered Registered(DatasetVersion version, PipelineRun? run) => new()
    {
        EventId = registry.NewId(),
        OccurredAt = registry.Now(),
        PipelineRunId = run?.Id,
        DatasetVersionId = version.Id,
        Name = version.Name,
        Version = version.Version,
        Digest = version.Digest,
        Rows = version.Rows,
        SpecDigest = run?.SpecDigest,
    };

    /// <summary>What the registry keeps of a file; measured before anything is locked.</summary>
    private sealed record FileFacts(string Digest, long Bytes, long Rows, string Schema, string Profile)
    {
        public static FileFacts Of(StoredArtifact stored, Table table, PipelineSpec? spec)
        {
            var profile = TableProfile.Of(table, spec is { Task: TaskKind.Classification } ? spec.Target[0] : null);
            return new(stored.Digest.ToString(), stored.Length, table.Rows,
                JsonSerializer.Serialize(TableSchema.Of(table), SpecJson.Canonical), JsonSerializer.Serialize(profile, SpecJson.Canonical));
        }
    }
}
