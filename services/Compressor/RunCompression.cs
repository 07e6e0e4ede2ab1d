using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Onnx;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Runs;
using Mlops.Scoring;
using Mlops.Tabular;

namespace Mlops.Compressor;

/// <summary>Makes the variants that the spec asks for, measures them beside the original, and records each as a model version.</summary>
internal sealed class RunCompression(RegistryStore registry, IArtifactStore artifacts, TimeProvider time) : IWorkHandler
{
    public const string WorkKind = "compress-model";

    public string Kind => WorkKind;

    public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
    {
        var inputs = await RunInputs.LoadAsync(registry, artifacts, work.Item.PipelineRunId, cancellationToken);
        var original = await registry.ReadAsync((db, token) => db.ModelVersions.SingleAsync(row => row.Id == work.Item.SubjectId, token), cancellationToken);
        var onnx = await artifacts.ReadAsync(ContentDigest.Parse(original.Digest), cancellationToken);

        // 1. The variants, each a file of its own; a method that does not suit the model is told, not hidden.
        var skipped = new List<SkippedMethod>();
        var variants = new List<Variant>();
        foreach (var method in inputs.Spec.Compression.Methods)
        {
            try
            {
                var compressed = CompressionMethods.Apply(method, onnx);
                // A graph from elsewhere may have what a pass did not foresee: the variant must answer before it counts.
                using (var variant = new OnnxScorer(compressed, original.Signature))
                    variant.Score(inputs.Test.Select([0]));
                variants.Add(new Variant(registry.NewId(), method, compressed, await artifacts.PutAsync(compressed, cancellationToken)));
            }
            catch (Fault fault)
            {
                skipped.Add(new SkippedMethod(method, fault.Message));
            }
        }

        // 2. Side by side in one run, so that their ratios mean something on a busy machine.
        var measurements = Measure(original, onnx, variants, inputs.Test, cancellationToken);

        // 3. Facts, lineage, audit and events in one.
        await work.CompleteAsync((db, token) => RecordAsync(db, inputs, original, variants, measurements, skipped, token), cancellationToken);
    }

    private List<LatencyMeasurement> Measure(ModelVersion original, byte[] onnx, List<Variant> variants, Table rows, CancellationToken cancellationToken)
    {
        var models = new List<OnnxScorer>();
        try
        {
            models.Add(new OnnxScorer(onnx, original.Signature));
            models.AddRange(variants.Select(variant => new OnnxScorer(variant.Onnx, original.Signature)));
            var latencies = LatencyProbe.Measure(models, rows, time, cancellation: cancellationToken);
            return [.. variants.Select(variant => variant.Id).Prepend(original.Id)
                .Zip(latencies, (id, latency) => new LatencyMeasurement(id, latency.MedianMicroseconds, latency.P95Microseconds))];
        }
        finally
        {
            models.ForEach(model => model.Dispose());
        }
    }

    private async Task RecordAsync(
        RegistryDbContext db, RunInputs inputs, ModelVersion original, List<Variant> variants, List<LatencyMeasurement> measurements,
        List<SkippedMethod> skipped, CancellationToken cancellationToken)
    {
        var now = registry.Now();
        var number = await VersionNumbers.NextModelVersionAsync(db, original.Name, cancellationToken);
        foreach (var variant in variants)
            Record(db, VersionOf(variant, original, inputs.Run.Id, number++, now));
        db.Insert(new Compression
        {
            Id = registry.NewId(),
            ParentModelVersionId = original.Id,
            PipelineRunId = inputs.Run.Id,
            Measurements = measurements,
            Skipped = skipped,
            Backend = CompressionMethods.Backend,
            CodeVersion = CodeVersion.Current,
            CreatedAt = now,
        });
        db.Audit("compressor", "compression.completed", original.Id, new { Methods = variants.Select(variant => variant.Method), measurements, skipped, CompressionMethods.Backend, CodeVersion = CodeVersion.Current });
        db.Publish(new CompressionCompleted
        {
            EventId = registry.NewId(),
            OccurredAt = now,
            PipelineRunId = inputs.Run.Id,
            ParentModelVersionId = original.Id,
            VariantIds = [.. variants.Select(variant => variant.Id)],
        });
    }

    private void Record(RegistryDbContext db, ModelVersion version)
    {
        db.Insert(version);
        db.Link(FactKind.ModelVersion, version.Id, "compressed-from", FactKind.ModelVersion, version.ParentId!.Value);
        db.Audit("compressor", "model.compressed", version.Id, new { version.Name, version.Version, version.Digest, version.Method, version.ParentId });
        db.Publish(new ModelCompressed
        {
            EventId = registry.NewId(),
            OccurredAt = version.CreatedAt,
            PipelineRunId = version.PipelineRunId!.Value,
            ModelVersionId = version.Id,
            ParentModelVersionId = version.ParentId.Value,
            Method = version.Method,
            Digest = version.Digest,
        });
    }

    private static ModelVersion VersionOf(Variant variant, ModelVersion original, Guid runId, int number, DateTimeOffset now) => new()
    {
        Id = variant.Id,
        Name = original.Name,
        Version = number,
        Digest = variant.Stored.Digest.ToString(),
        Bytes = variant.Stored.Length,
        Signature = original.Signature,
        Method = variant.Method,
        ParentId = original.Id,
        PipelineRunId = runId,
        CreatedAt = now,
    };

    private sealed record Variant(Guid Id, string Method, byte[] Onnx, StoredArtifact Stored);
}
