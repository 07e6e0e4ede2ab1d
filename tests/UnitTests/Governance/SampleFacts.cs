using System.Text;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.UnitTests.Governance;

/// <summary>
/// A registry as the pipeline would have left it. iris: one run that is served, with versions 1 (original), 2 (int8, the
/// champion) and 3 (float16, below its gate); a later run that failed. wine: a run under way, with a version that nobody
/// has evaluated.
/// </summary>
internal static class SampleFacts
{
    public const string Script = "<script>alert('x')</script>";

    public static readonly DateTimeOffset Begin = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static readonly Guid Iris = Id(0), Served = Id(1), Training = Id(2), Original = Id(3), Int8 = Id(4), Float16 = Id(5);
    public static readonly Guid FailedRun = Id(60), RunningRun = Id(120), Wine = Id(119), WineVersion = Id(121);
    public static readonly byte[] OriginalContent = Encoding.UTF8.GetBytes("the original's graph"), Int8Content = Encoding.UTF8.GetBytes("the variant's graph");
    public static readonly string OriginalDigest = ContentDigest.Of(OriginalContent).ToString(), Int8Digest = ContentDigest.Of(Int8Content).ToString();
    public static readonly string IrisDigest = ContentDigest.Of("iris.csv"u8.ToArray()).ToString(), MissingDigest = new('e', 64);

    private const string Report =
        """
        {"task":"classification","testRows":23,"metrics":{"accuracy":0.9565},"classes":[
        {"class":"setosa","support":8,"precision":1,"recall":1,"f1":1,"rocAuc":1},
        {"class":"versicolor","support":8,"precision":0.8889,"recall":1,"f1":0.9412,"rocAuc":0.9917},
        {"class":"<script>alert('x')</script>","support":7,"precision":1,"recall":0.8571,"f1":0.9231,"rocAuc":null}],
        "confusionMatrix":[[8,0,0],[0,8,0],[0,1,6]],"targets":[],"gates":[],"passed":true}
        """;

    private static readonly ModelSignature Signature = new()
    {
        Task = TaskKind.Classification,
        Inputs = [new TensorSignature { Name = "features", Datatype = "FP32", Shape = [-1, 4], Columns = ["sepal_length", "sepal_width", "petal_length", "petal_width"] }],
        Outputs =
        [
            new TensorSignature { Name = "label", Datatype = "BYTES", Shape = [-1] },
            new TensorSignature { Name = "probabilities", Datatype = "FP32", Shape = [-1, 3] },
        ],
        Classes = ["setosa", "versicolor", Script],
    };

    /// <summary>A version 7 id without chance: some minutes after the beginning, and ids sort by them.</summary>
    public static Guid Id(int minute)
    {
        var milliseconds = At(minute).ToUnixTimeMilliseconds().ToString("x12");
        return Guid.Parse($"{milliseconds[..8]}-{milliseconds[8..]}-7000-8000-000000000000");
    }

    public static DateTimeOffset At(int minute) => Begin.AddMinutes(minute);

    public static async Task WriteAsync(RegistryStore registry, IArtifactStore artifacts, CancellationToken cancellationToken)
    {
        await artifacts.PutAsync(OriginalContent, cancellationToken);
        await artifacts.PutAsync(Int8Content, cancellationToken);
        var report = (await artifacts.PutAsync(Encoding.UTF8.GetBytes(Report), cancellationToken)).Digest.ToString();
        await registry.WriteAsync((db, _) =>
        {
            WriteServedRun(db, report);
            WriteFailedRun(db);
            WriteRunningRun(db);
            return Task.CompletedTask;
        }, cancellationToken);
    }

    private static TrainingDetails Details { get; } = new()
    {
        Model = new MlpSpec { Hidden = [16] },
        Candidates = [new ModelCandidate(new LinearSpec(), 40, 0.21, null), new ModelCandidate(new MlpSpec { Hidden = [16] }, 70, 0.0704, null), new ModelCandidate(new ResidualMlpSpec(), null, null, "the time budget was used up")],
        Notes = ["the column station is constant"],
        Environment = new TrainingEnvironment
        {
            OperatingSystem = "Debian 12",
            Architecture = "x64",
            Processor = "a processor",
            Processors = 2,
            CpuFeatures = ["avx2", "fma"],
            Runtime = ".NET 10",
            Packages = new Dictionary<string, string> { ["libtorch"] = "2.10.0" },
            Kernels = new Dictionary<string, string> { ["MKL_CBWR"] = "COMPATIBLE" },
            Threads = 1,
            CudaDevices = 0,
            PeakMemoryBytes = 300_000_000,
        },
        TrainRows = 127,
        FirstFitRows = 105,
        Epochs = 90,
        Seconds = 0.5,
    };

    private static void WriteServedRun(RegistryDbContext db, string report)
    {
        AddDataset(db, Iris, "iris", IrisDigest, 0);
        AddRun(db, Served, "iris", Iris, 1);
        db.WorkItems.Add(Work(Training, "train-model", Served, Served, 2));
        db.WorkItems.Add(Work(Id(30), "evaluate-model", Served, Original, 4));
        db.TrainingRuns.Add(new TrainingRun
        {
            Id = Training,
            PipelineRunId = Served,
            Epochs = 90,
            BestEpoch = 70,
            Device = "cpu",
            Backend = "libtorch 2.10.0, 1 thread",
            CodeVersion = "0.1.0",
            Details = Details,
            Parity = 2.4e-7,
            StartedAt = At(2),
            CreatedAt = At(3),
        });
        for (var epoch = 1; epoch <= 90; epoch++)
        {
            db.MetricPoints.Add(new MetricPoint { TrainingRunId = Training, Name = "train/loss", Step = epoch, Value = 1.1 * Math.Exp(-epoch / 18.0) });
            db.MetricPoints.Add(new MetricPoint { TrainingRunId = Training, Name = "validation/loss", Step = epoch, Value = 0.06 + (1.1 * Math.Exp(-epoch / 15.0)) });
        }
        for (var epoch = 1; epoch <= 70; epoch++)
            db.MetricPoints.Add(new MetricPoint { TrainingRunId = Training, Name = "refit/train/loss", Step = epoch, Value = 1.2 * Math.Exp(-epoch / 19.0) });
        foreach (var number in new[] { 1, 2 })
            foreach (var step in new[] { 1, 2 })
                db.MetricPoints.Add(new MetricPoint { TrainingRunId = Training, Name = $"candidates/{number}/validation/loss", Step = step, Value = 1.0 / (number + step) });
        db.Link(FactKind.PipelineRun, Served, "runs-on", FactKind.DatasetVersion, Iris);
        db.Link(FactKind.TrainingRun, Training, "part-of", FactKind.PipelineRun, Served);
        db.Link(FactKind.TrainingRun, Training, "trained-on", FactKind.DatasetVersion, Iris);
        AddVersion(db, Original, "iris", 1, OriginalDigest, ModelVersion.Original, null, Served, 3);
        AddVersion(db, Int8, "iris", 2, Int8Digest, CompressionSpec.Int8Dynamic, Original, Served, 4);
        AddVersion(db, Float16, "iris", 3, MissingDigest, CompressionSpec.Float16, Original, Served, 5);
        db.Link(FactKind.ModelVersion, Original, "produced-by", FactKind.TrainingRun, Training);
        AddReport(db, Id(31), Original, Served, report, 0.9565, passed: true, 6);
        AddReport(db, Id(32), Int8, Served, report, 0.9565, passed: true, 7);
        AddReport(db, Id(33), Float16, Served, MissingDigest, 0.8261, passed: false, 8);
        db.Compressions.Add(new Compression
        {
            Id = Id(34),
            ParentModelVersionId = Original,
            PipelineRunId = Served,
            Measurements = [new LatencyMeasurement(Original, 18.4, 25.1), new LatencyMeasurement(Int8, 9.2, 14.4), new LatencyMeasurement(Float16, 19.9, 30.2)],
            Skipped = [new SkippedMethod("int4", "no layer is large enough")],
            CreatedAt = At(9),
        });
        db.Promotions.Add(new Promotion
        {
            Id = Id(35),
            ModelName = "iris",
            Alias = Promotion.Champion,
            Sequence = 1,
            ModelVersionId = Int8,
            DecidedByRunId = Served,
            Reason = "the fastest that met every gate",
            CreatedAt = At(10),
        });
        db.Link(FactKind.Promotion, Id(35), "promotes", FactKind.ModelVersion, Int8);
        db.Deployments.Add(new Deployment { Id = Id(36), Replica = "replica-7", ModelVersionId = Int8, Ready = true, LoadMilliseconds = 12.34, CreatedAt = At(11) });
        db.Link(FactKind.Deployment, Id(36), "deploys", FactKind.ModelVersion, Int8);
        db.PipelineOutcomes.Add(new PipelineOutcome { PipelineRunId = Served, Attempt = 1, Served = true, Stage = "deploy-model", CreatedAt = At(11) });
        db.Audit("datasets", "dataset.registered", Iris, new { Name = "iris", Digest = IrisDigest });
        db.Audit("trainer", "model.trained", Original, new { Digest = OriginalDigest, Note = "µ and 😀 and \"quotes\"" });
        db.Audit(Script, "model.promoted", Int8, new { Reason = Script });
    }

    private static void WriteFailedRun(RegistryDbContext db)
    {
        AddRun(db, FailedRun, "iris", Iris, 60);
        db.PipelineOutcomes.Add(new PipelineOutcome
        {
            PipelineRunId = FailedRun,
            Attempt = 1,
            Served = false,
            Stage = "evaluate-model",
            Kind = "GateNotMet",
            Reason = $"accuracy 0.8 is below the gate's minimum 0.9 {Script}",
            CreatedAt = At(61),
        });
    }

    private static void WriteRunningRun(RegistryDbContext db)
    {
        AddDataset(db, Wine, "wine", new string('c', 64), 119);
        AddRun(db, RunningRun, "wine", Wine, 120);
        var work = Work(Id(122), "train-model", RunningRun, RunningRun, 121);
        (work.State, work.FinishedAt, work.Attempt, work.Failures, work.Error) = (WorkState.Leased, null, 2, 1, "the worker died");
        work.Progress = new TrainingProgress
        {
            Epoch = 34,
            MostEpochs = 100,
            TrainingLoss = 0.31217,
            ValidationLoss = 0.35,
            LearningRate = 0.01,
            RowsPerSecond = 45_000,
            SecondsLeft = 12,
            Candidate = new CandidateTurn(3, 4, "mlp"),
        };
        db.WorkItems.Add(work);
        db.MetricPoints.Add(new MetricPoint { TrainingRunId = work.Id, Name = "train/loss", Step = 1, Value = 0.5 });
        AddVersion(db, WineVersion, "wine", 1, new string('d', 64), ModelVersion.Original, null, RunningRun, 123);
    }

    private static void AddDataset(RegistryDbContext db, Guid id, string name, string digest, int minute) => db.DatasetVersions.Add(new DatasetVersion
    {
        Id = id,
        Name = name,
        Version = 1,
        Digest = digest,
        Bytes = 4_550,
        Rows = 150,
        Schema = "{}",
        Profile = "{}",
        CreatedAt = At(minute),
    });

    private static void AddRun(RegistryDbContext db, Guid id, string name, Guid dataset, int minute) => db.PipelineRuns.Add(new PipelineRun
    {
        Id = id,
        Name = name,
        DatasetVersionId = dataset,
        Spec = PipelineSpec.Parse("""{"task":"classification","target":"species","evaluation":{"gates":[{"metric":"accuracy","min":0.9}]}}""", name).ToJson(),
        SpecDigest = new string('a', 64),
        SplitDigest = new string('b', 64),
        CreatedAt = At(minute),
    });

    /// <summary>Another original of iris that passed, of these columns if it has others.</summary>
    public static void AddPassedVersion(RegistryDbContext db, Guid id, int version, IReadOnlyList<string>? columns = null)
    {
        AddVersion(db, id, "iris", version, MissingDigest, ModelVersion.Original, null, FailedRun, 70, columns);
        AddReport(db, Id(71), id, FailedRun, MissingDigest, 0.95, passed: true, 71);
    }

    /// <summary>flora: version 1, made elsewhere, and version 2, which a run has compressed from it.</summary>
    public static void AddModelFromElsewhere(RegistryDbContext db)
    {
        var (elsewhere, original) = (Id(80), Id(81));
        db.ExternalRuns.Add(new ExternalRun { Id = elsewhere, Name = "flora", Source = "scikit-learn", Parameters = "{}", StartedAt = At(80), CreatedAt = At(80) });
        AddVersion(db, original, "flora", 1, OriginalDigest, ModelVersion.Original, null, null, 81, elsewhere: elsewhere);
        AddVersion(db, Id(82), "flora", 2, Int8Digest, CompressionSpec.Int8Dynamic, original, FailedRun, 82);
    }

    private static void AddVersion(
        RegistryDbContext db, Guid id, string name, int version, string digest, string method, Guid? parent, Guid? run, int minute, IReadOnlyList<string>? columns = null, Guid? elsewhere = null)
    {
        db.ModelVersions.Add(new ModelVersion
        {
            Id = id,
            Name = name,
            Version = version,
            Digest = digest,
            Bytes = 12_345,
            Signature = columns is null ? Signature : Signature with { Inputs = [Signature.Inputs[0] with { Columns = columns }] },
            Method = method,
            ParentId = parent,
            PipelineRunId = run,
            ExternalRunId = elsewhere,
            CreatedAt = At(minute),
        });
        if (parent is { } original)
            db.Link(FactKind.ModelVersion, id, "compressed-from", FactKind.ModelVersion, original);
    }

    private static void AddReport(RegistryDbContext db, Guid id, Guid version, Guid run, string digest, double accuracy, bool passed, int minute)
    {
        db.EvaluationReports.Add(new EvaluationReport
        {
            Id = id,
            ModelVersionId = version,
            PipelineRunId = run,
            ReportDigest = digest,
            Rows = 23,
            Metrics = new Dictionary<string, double> { ["accuracy"] = accuracy, ["logLoss"] = 0.0924 },
            Passed = passed,
            Gates =
            [
                new GateVerdict
                {
                    Metric = "accuracy",
                    Value = accuracy,
                    Passed = passed,
                    Reason = passed ? "accuracy meets the gate's minimum 0.9" : "accuracy 0.8261 is below the gate's minimum 0.9",
                },
            ],
            CreatedAt = At(minute),
        });
        db.Link(FactKind.EvaluationReport, id, "evaluates", FactKind.ModelVersion, version);
    }

    private static WorkItem Work(Guid id, string kind, Guid run, Guid subject, int minute) => new()
    {
        Id = id,
        Kind = kind,
        PipelineRunId = run,
        SubjectId = subject,
        Requirement = "cpu",
        State = WorkState.Done,
        Attempt = 1,
        Worker = "trainer/host-1",
        DueAt = At(minute),
        CreatedAt = At(minute),
        StartedAt = At(minute),
        FinishedAt = At(minute).AddSeconds(42.5),
    };
}
