using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Runs;
using Mlops.Scoring;
using Mlops.Scoring.Metrics;
using EvaluationFact = Mlops.Registry.Facts.EvaluationReport;

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

        // Of the training, and so told with its original; a variant is another model, which no fold has tried.
        var folds = version.ParentId is null && version.PipelineRunId is { } run ? await CrossValidationReport.FoldsOfAsync(registry, run, cancellationToken) : [];
        var report = Evaluate(onnx, version, inputs) with { CrossValidation = await CrossValidationReport.OfAsync(artifacts, folds, cancellationToken) };
        var stored = await artifacts.PutAsync(report.ToJson(), cancellationToken);
        await work.CompleteAsync((db, _) => Record(db, inputs, version, folds, report, stored), cancellationToken);
    }

    private static EvaluationReport Evaluate(byte[] onnx, ModelVersion version, RunInputs inputs)
    {
        var signature = version.Signature;
        using var scorer = new OnnxScorer(onnx, signature, OnnxScorer.BatchRowsOf(version.Method));
        var (target, gates, scores) = (inputs.Spec.Target, inputs.Spec.Evaluation, scorer.Score(inputs.Test));
        return signature.Task == TaskKind.Classification
            ? EvaluationReport.OfClassification(signature.Classes, HeldOutTargets.Classes(inputs.Test[target[0]], signature.Classes), scores, gates)
            : EvaluationReport.OfRegression(target, HeldOutTargets.Values(inputs.Test, target), scores, gates);
    }

    private Task Record(RegistryDbContext db, RunInputs inputs, ModelVersion version, IReadOnlyList<Fold> folds, EvaluationReport report, StoredArtifact stored)
    {
        var fact = new EvaluationFact
        {
            Id = registry.NewId(),
            ModelVersionId = version.Id,
            PipelineRunId = inputs.Run.Id,
            ReportDigest = stored.Digest.ToString(),
            Rows = inputs.Test.Rows,
            Metrics = report.Metrics,
            Passed = report.Passed,
            Gates = report.Gates,
            CreatedAt = registry.Now(),
        };
        db.Insert(fact);
        db.Link(FactKind.EvaluationReport, fact.Id, "evaluates", FactKind.ModelVersion, version.Id);
        db.Link(FactKind.EvaluationReport, fact.Id, "tested-on", FactKind.DatasetVersion, inputs.Dataset.Id);
        foreach (var fold in folds)
            db.Link(FactKind.EvaluationReport, fact.Id, "summarises", FactKind.Fold, fold.Id);
        db.Audit("evaluator", "model.evaluated", version.Id, new { version.Name, version.Version, version.Digest, fact.ReportDigest, fact.Metrics, fact.Passed });
        db.Publish(new ModelEvaluated
        {
            EventId = registry.NewId(),
            OccurredAt = fact.CreatedAt,
            PipelineRunId = inputs.Run.Id,
            ModelVersionId = version.Id,
            ParentModelVersionId = version.ParentId,
            ReportId = fact.Id,
            ReportDigest = fact.ReportDigest,
            Passed = report.Passed,
            Gates = report.Gates,
        });
        // A variant that fails is just not served; without its original the pipeline ends.
        if (!report.Passed && version.ParentId is null)
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
