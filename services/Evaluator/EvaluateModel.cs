using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Runs;

namespace Mlops.Evaluator;

/// <summary>Measures the very file that would be served on the held-out test rows, and judges it by the spec's gates.</summary>
internal sealed class EvaluateModel(RegistryStore registry, IArtifactStore artifacts) : IWorkHandler
{
    public const string WorkKind = "evaluate-model";

    public string Kind => WorkKind;

    public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
    {
        var inputs = await RunInputs.LoadAsync(registry, artifacts, work.Item.PipelineRunId, cancellationToken);
        var version = await registry.ReadAsync((db, token) => db.ModelVersions.SingleAsync(row => row.Id == work.Item.SubjectId, token), cancellationToken);
        var onnx = await artifacts.ReadAsync(ContentDigest.Parse(version.Digest), cancellationToken);

        var report = Evaluation.Evaluate(onnx, version.Signature, inputs.Test, inputs.Spec);
        var stored = await artifacts.PutAsync(JsonSerializer.SerializeToUtf8Bytes(report, SpecJson.Canonical), cancellationToken);
        await work.CompleteAsync((db, _) => Record(db, inputs, version, report, stored), cancellationToken);
    }

    private Task Record(RegistryDbContext db, RunInputs inputs, ModelVersion version, EvaluationReport report, StoredArtifact stored)
    {
        var passed = report.Gates.All(gate => gate.Passed);
        var fact = new Registry.Facts.EvaluationReport
        {
            Id = registry.NewId(),
            ModelVersionId = version.Id,
            PipelineRunId = inputs.Run.Id,
            ReportDigest = stored.Digest.ToString(),
            Rows = inputs.Test.Rows,
            Metrics = report.Metrics,
            Passed = passed,
            Gates = report.Gates,
            CreatedAt = registry.Now(),
        };
        db.EvaluationReports.Add(fact);
        db.Link(FactKind.EvaluationReport, fact.Id, "evaluates", FactKind.ModelVersion, version.Id);
        db.Link(FactKind.EvaluationReport, fact.Id, "tested-on", FactKind.DatasetVersion, inputs.Dataset.Id);
        db.Audit("evaluator", "model.evaluated", version.Id, new { version.Name, version.Version, version.Digest, fact.ReportDigest, fact.Metrics, passed });
        db.Publish(new ModelEvaluated
        {
            EventId = registry.NewId(),
            OccurredAt = fact.CreatedAt,
            PipelineRunId = inputs.Run.Id,
            ModelVersionId = version.Id,
            ParentModelVersionId = version.ParentId,
            ReportId = fact.Id,
            ReportDigest = fact.ReportDigest,
            Passed = passed,
            Gates = report.Gates,
        });
        // A variant that fails is just not served; without its original the pipeline ends.
        if (!passed && version.ParentId is null)
            db.Publish(new PipelineFailed
            {
                EventId = registry.NewId(),
                OccurredAt = fact.CreatedAt,
                PipelineRunId = inputs.Run.Id,
                Stage = WorkKind,
                Kind = "GateNotMet",
                Reason = string.Join("; ", report.Gates.Where(gate => !gate.Passed).Select(gate => gate.Reason)),
            });
        return Task.CompletedTask;
    }
}
