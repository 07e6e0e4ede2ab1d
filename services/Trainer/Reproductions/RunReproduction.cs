using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Runs;

namespace Mlops.Trainer.Reproductions;

/// <summary>
/// Does a training again, from the bytes of its data set, its spec and its seed, and compares what comes of it with the model
/// that was stored; of a variant, its compression too. Whatever comes of it is a fact, and says nothing about the run itself.
/// </summary>
internal sealed class RunReproduction(RegistryStore registry, IArtifactStore artifacts, LeasedTraining training, VariantAgain variants) : IWorkHandler
{
    public string Kind => ReproductionWork.Kind;

    public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
    {
        var startedAt = registry.Now();
        var subject = await SubjectAsync(work.Item.SubjectId, cancellationToken);
        var checkpoints = training.CheckpointsOf(work);
        Reproduction fact;
        try
        {
            fact = await ReproduceAsync(work, subject, checkpoints, startedAt, cancellationToken);
        }
        catch (Fault fault) when (fault.Kind != FaultKind.Unavailable)
        {
            var variant = subject.Variant is { } asked ? await variants.WithoutOriginalAsync(asked, subject.Version.Digest, cancellationToken) : null;
            fact = FactOf(subject, new ReproductionJudgement(ReproductionVerdict.Failed, fault.Message), variant, startedAt);
        }
        await EndAsync(work, subject, fact, checkpoints, cancellationToken);
    }

    public async Task<bool> TryGiveUpAsync(WorkContext work, string reason, CancellationToken cancellationToken)
    {
        var subject = await SubjectAsync(work.Item.SubjectId, cancellationToken);
        var variant = subject.Variant is null ? null : VariantAgain.Failed("its original was not made again", isOfStoredOriginal: null);
        var fact = FactOf(subject, new ReproductionJudgement(ReproductionVerdict.Failed, reason), variant, work.Item.StartedAt ?? registry.Now());
        await EndAsync(work, subject, fact, training.CheckpointsOf(work), cancellationToken);
        return true;
    }

    private static async Task EndAsync(WorkContext work, Subject subject, Reproduction fact, TrainingCheckpoints checkpoints, CancellationToken cancellationToken)
    {
        await work.CompleteAsync((db, _) => Record(db, subject, fact), cancellationToken);
        await checkpoints.RemoveAsync();
    }

    private Task<Subject> SubjectAsync(Guid requestId, CancellationToken cancellationToken) => registry.ReadAsync(async (db, token) =>
    {
        var request = await db.ReproductionRequests.AsNoTracking().SingleAsync(request => request.Id == requestId, token);
        return new Subject(
            request,
            await db.TrainingRuns.AsNoTracking().SingleAsync(training => training.Id == request.TrainingRunId, token),
            await db.ModelVersions.AsNoTracking().SingleAsync(version => version.Id == request.ModelVersionId, token),
            await VariantAsync(db, request, token),
            await db.PipelineRuns.Where(run => run.Id == request.PipelineRunId).Select(run => run.DatasetVersionId).SingleAsync(token));
    }, cancellationToken);

    private static async Task<StoredVariant?> VariantAsync(RegistryDbContext db, ReproductionRequest request, CancellationToken cancellationToken) =>
        request.VariantId is not { } id ? null : new StoredVariant(
            await db.ModelVersions.AsNoTracking().SingleAsync(version => version.Id == id, cancellationToken),
            await db.Compressions.AsNoTracking().SingleAsync(compression => compression.ParentModelVersionId == request.ModelVersionId, cancellationToken));

    private async Task<Reproduction> ReproduceAsync(
        WorkContext work, Subject subject, TrainingCheckpoints checkpoints, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        var stored = await artifacts.ReadAsync(ContentDigest.Parse(subject.Version.Digest), cancellationToken);
        using var rows = await TrainingRows.LoadAsync(registry, artifacts, subject.Request.PipelineRunId, training.Memory, cancellationToken);
        var inputs = rows with { Spec = SpecOf(rows.Spec, subject.Training) };
        using var model = await training.TrainAsync(work, inputs, checkpoints, cancellationToken);
        var again = Parity.Certify(model, model.ToOnnx()).Bytes;
        var details = model.Describe();

        var difference = ModelDifference.Between(stored, again);
        var metrics = difference.IsSameModel
            ? new Dictionary<string, ReproducedMetric>()
            : HeldOutMetrics.Of((stored, subject.Version.Signature), (again, model.Signature), subject.Version.Method, inputs);
        var causes = EnvironmentDifference.Between(
            new TrainedWith(subject.Training.CodeVersion, subject.Training.Backend, subject.Training.Details?.Environment),
            new TrainedWith(CodeVersion.Current, model.Backend, details.Environment));
        // Kept, so that whoever doubts the comparison can make it.
        var digest = (await artifacts.PutAsync(again, cancellationToken)).Digest.ToString();
        var variant = subject.Variant is { } asked
            ? await variants.OfAsync(asked, stored, new RebuiltOriginal(again, model.Signature, difference), inputs, cancellationToken)
            : null;
        return FactOf(subject, ReproductionJudgement.Of(difference, metrics, causes), variant, startedAt, (digest, difference.LargestDifference, metrics, model.Backend, details));
    }

    /// <summary>What was picked is trained itself, on the device where it was trained: the time that a pick has is another one each time.</summary>
    private static PipelineSpec SpecOf(PipelineSpec spec, TrainingRun first) => spec with
    {
        Model = spec.Model is AutoModelSpec
            ? first.Details?.Model ?? throw Fault.Invalid("model.type", "an older build picked the architecture, and kept no record of it; a training whose spec names it is accepted")
            : spec.Model,
        Training = spec.Training with
        {
            Device = first.Device == WorkerCapabilities.Cpu ? Device.Cpu : spec.Training.Device,
            BatchSize = first.Details?.BatchSize ?? spec.Training.BatchSize,
        },
    };

    private Reproduction FactOf(
        Subject subject, ReproductionJudgement judgement, VariantReproduction? variant, DateTimeOffset startedAt,
        (string Digest, double? LargestDifference, IReadOnlyDictionary<string, ReproducedMetric> Metrics, string Backend, TrainingDetails Details)? compared = null) => new()
        {
            Id = subject.Request.Id,
            Verdict = judgement.Verdict,
            Reason = judgement.Reason,
            Digest = compared?.Digest,
            LargestDifference = compared?.LargestDifference,
            Metrics = compared?.Metrics ?? new Dictionary<string, ReproducedMetric>(),
            Variant = variant,
            Backend = compared?.Backend,
            CodeVersion = CodeVersion.Current,
            Details = compared?.Details,
            StartedAt = startedAt,
            CreatedAt = registry.Now(),
        };

    private static Task Record(RegistryDbContext db, Subject subject, Reproduction fact)
    {
        db.Insert(fact);
        db.Link(FactKind.Reproduction, fact.Id, "reproduces", FactKind.TrainingRun, subject.Training.Id);
        db.Link(FactKind.Reproduction, fact.Id, "compared-with", FactKind.ModelVersion, subject.Version.Id);
        if (subject.Variant is { } variant)
            db.Link(FactKind.Reproduction, fact.Id, "compared-with", FactKind.ModelVersion, variant.Version.Id);
        db.Link(FactKind.Reproduction, fact.Id, "trained-on", FactKind.DatasetVersion, subject.DatasetVersionId);
        db.Audit("trainer", "training.reproduced", fact.Id, new
        {
            subject.Request.PipelineRunId,
            subject.Request.TrainingRunId,
            subject.Request.ModelVersionId,
            StoredDigest = subject.Version.Digest,
            fact.Verdict,
            fact.Reason,
            fact.Digest,
            fact.LargestDifference,
            fact.Metrics,
            subject.Request.VariantId,
            StoredVariantDigest = subject.Variant?.Version.Digest,
            fact.Variant,
            fact.Backend,
            fact.CodeVersion,
            fact.Details,
        });
        return Task.CompletedTask;
    }

    /// <param name="Request">What was asked for.</param>
    /// <param name="Training">What was done first.</param>
    /// <param name="Version">What came of it.</param>
    /// <param name="Variant">What was compressed from that; null where it was not asked for.</param>
    /// <param name="DatasetVersionId">What it was done on.</param>
    private sealed record Subject(ReproductionRequest Request, TrainingRun Training, ModelVersion Version, StoredVariant? Variant, Guid DatasetVersionId);
}
