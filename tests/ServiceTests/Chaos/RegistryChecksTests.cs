using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Chaos.Checks;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Chaos;

/// <summary>A registry in which all is well, and then each thing that must not be, planted past what the database refuses.</summary>
public sealed class RegistryChecksTests(Databases databases)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Checks_AllIsWell_FindNothing()
    {
        await using var planted = await PlantedAsync();
        (await planted.CheckAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Checks_AcceptedRunThatIsNotThere_IsLost()
    {
        await using var planted = await PlantedAsync();
        var nobody = planted.Registry.Store.NewId();
        (await planted.CheckAsync(nobody)).ShouldBe([new Violation(Breach.Lost, $"run {nobody} was accepted and is not there")]);
    }

    [Fact]
    public async Task Checks_ArtifactMissingOrDamaged_AreLost()
    {
        await using var planted = await PlantedAsync();
        var files = Directory.GetFiles(planted.Folder, "*", SearchOption.AllDirectories);
        File.Delete(files.Single(file => file.EndsWith(planted.Model.Digest[2..], StringComparison.Ordinal)));
        await File.WriteAllTextAsync(files.Single(file => file.EndsWith(planted.Dataset.Digest[2..], StringComparison.Ordinal)), "other", Stop);
        var violations = await planted.CheckAsync();
        violations.ShouldAllBe(violation => violation.Breach == Breach.Lost);
        violations.Count.ShouldBe(2);
        violations[0].Text.ShouldStartWith($"data set version {planted.Dataset.Id} refers to an artifact that cannot be read");
        violations[1].Text.ShouldStartWith($"model version {planted.Model.Id} refers to an artifact that cannot be read");
    }

    [Theory]
    [InlineData("DELETE FROM pipeline_outcomes", Breach.Lost, "has not ended")]
    [InlineData("DELETE FROM promotions", Breach.Lost, "is served and no promotion of it is there")]
    [InlineData("DELETE FROM training_runs", Breach.Lost, "model versions and no training run")]
    [InlineData("DELETE FROM folds", Breach.Lost, "is trained and has 0 of 1 folds")]
    [InlineData("DELETE FROM trials", Breach.Lost, "is trained and has 0 of 1 trials")]
    [InlineData("DELETE FROM compressions", Breach.Lost, "is promoted and its compression is not there")]
    [InlineData("DELETE FROM evaluation_reports", Breach.Lost, "has no evaluation report")]
    [InlineData("UPDATE pipeline_runs SET spec = 'another'", Breach.Wrong, "does not have the digest")]
    [InlineData("UPDATE work_items SET state = 'Leased', worker = 'trainer/a-1'", Breach.Wrong, "is Leased, attempt 0, last by trainer/a-1")]
    [InlineData("DROP TRIGGER audit_entries_no_update; UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 3", Breach.Wrong, "the audit chain is broken at entry 3")]
    [InlineData("DROP TRIGGER audit_entries_no_delete; DELETE FROM audit_entries WHERE sequence = 3", Breach.Lost, "1 facts, 0 entries in the audit log")]
    public async Task Checks_OneThingChanged_SayWhat(string sql, Breach breach, string text)
    {
        await using var planted = await PlantedAsync();
        await planted.ExecuteAsync(sql);
        (await planted.CheckAsync()).ShouldContain(violation => violation.Breach == breach && violation.Text.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Checks_EventThatWaits_IsTold()
    {
        await using var planted = await PlantedAsync();
        await planted.Registry.Store.WriteAsync((db, _) =>
        {
            db.Publish(SampleFacts.Failed(planted.Registry.Store, planted.Run.Id));
            return Task.CompletedTask;
        }, Stop);
        (await planted.CheckAsync()).ShouldHaveSingleItem().Text.ShouldContain($"of run {planted.Run.Id} waits in the outbox after 0 attempts");
    }

    [Theory]
    [InlineData("training_runs", "ix_training_runs_pipeline_run_id", "training runs")]
    [InlineData("folds", "ix_folds_pipeline_run_id_repeat_number", "folds")]
    [InlineData("trials", "ix_trials_pipeline_run_id_number", "trials")]
    [InlineData("model_versions", "ix_model_versions_pipeline_run_id_method", "model versions")]
    [InlineData("evaluation_reports", "ix_evaluation_reports_model_version_id", "evaluation reports")]
    [InlineData("compressions", "ix_compressions_parent_model_version_id", "compressions")]
    [InlineData("promotions", "ix_promotions_decided_by_run_id", "promotions")]
    public async Task Checks_SecondResult_IsADuplicate(string table, string index, string what)
    {
        await using var planted = await PlantedAsync();
        await planted.RepeatRowsAsync(table, index);
        (await planted.CheckAsync()).ShouldContain(violation => violation.Breach == Breach.Duplicated && violation.Text.Contains($"2 {what}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Checks_EntryWithoutAFact_IsADuplicate()
    {
        await using var planted = await PlantedAsync();
        await planted.Registry.Store.WriteAsync((db, _) =>
        {
            db.Audit("trainer", "model.trained", planted.Model.Id, new { });
            return Task.CompletedTask;
        }, Stop);
        (await planted.CheckAsync()).ShouldBe([new Violation(Breach.Duplicated, $"model.trained {planted.Model.Id}: 2 entries in the audit log, 1 facts")]);
    }

    [Fact]
    public void Queues_WithMessages_AreTold() =>
        RestCheck.Of(new Dictionary<string, long> { ["mlops-accept-training"] = 0, ["mlops-accept-training_error"] = 2 })
            .ShouldBe([new Violation(Breach.Wrong, "the queue mlops-accept-training_error holds 2 messages")]);

    private async Task<Planted> PlantedAsync() => await Planted.CreateAsync(await databases.CreateAsync("Sqlite"));

    /// <summary>One run that was served, with its artifacts.</summary>
    private sealed class Planted : IAsyncDisposable
    {
        private readonly FolderArtifactStore _artifacts;

        private Planted(TestRegistry registry)
        {
            Registry = registry;
            _artifacts = new FolderArtifactStore(Folder);
        }

        public TestRegistry Registry { get; }

        public string Folder { get; } = Servers.NewFolder("planted");

        public DatasetVersion Dataset { get; private set; } = null!;

        public PipelineRun Run { get; private set; } = null!;

        public ModelVersion Model { get; private set; } = null!;

        public static async Task<Planted> CreateAsync(TestRegistry registry)
        {
            var planted = new Planted(registry);
            var store = registry.Store;
            var (data, split, onnx, report) = (await planted.PutAsync("data"), await planted.PutAsync("split"), await planted.PutAsync("onnx"), await planted.PutAsync("report"));
            planted.Dataset = SampleFacts.Dataset(store, digest: data);
            planted.Run = SampleFacts.Run(store, planted.Dataset, split);
            planted.Model = SampleFacts.Model(store, planted.Run, digest: onnx);
            await store.WriteAsync(async (db, token) =>
            {
                AddFacts(db, store, planted, report);
                await db.SaveChangesAsync(token);
                await registry.Work.EnqueueAsync(db, FoldWork.Kind, planted.Run.Id, FoldWork.SubjectOf(planted.Run.Id, 1, 1), "cpu", token);
                await registry.Work.EnqueueAsync(db, TrialWork.Kind, planted.Run.Id, TrialWork.SubjectOf(planted.Run.Id, 1), "cpu", token);
                await registry.Work.EnqueueAsync(db, "train-model", planted.Run.Id, planted.Run.Id, "cpu", token);
                await db.WorkItems.ExecuteUpdateAsync(update => update.SetProperty(item => item.State, WorkState.Done), token);
            }, Stop);
            return planted;
        }

        public async Task<IReadOnlyList<Violation>> CheckAsync(params Guid[] alsoAccepted) =>
            await RegistryChecks.RunAsync(await RegistryFacts.ReadAsync(Registry.Store, Stop), _artifacts, [Run.Id, .. alsoAccepted], Stop);

        public Task<int> ExecuteAsync(string sql) => Registry.Store.WriteAsync((db, token) => db.Database.ExecuteSqlRawAsync(sql, token), Stop);

        /// <summary>Each row of the table once more, under another id (and number), without the index that would refuse it.</summary>
        public async Task RepeatRowsAsync(string table, string index)
        {
            var columns = await Registry.Store.ReadAsync((db, token) =>
                db.Database.SqlQuery<string>($"SELECT name AS \"Value\" FROM pragma_table_info({table})").ToListAsync(token), Stop);
            string Again(string column) => column switch
            {
                "id" => $"'{Registry.Store.NewId().ToString().ToUpperInvariant()}'",
                "version" or "sequence" => $"{column} + 1",
                _ => column,
            };
            await ExecuteAsync($"DROP INDEX {index}; INSERT INTO {table} ({string.Join(", ", columns)}) SELECT {string.Join(", ", columns.Select(Again))} FROM {table}");
        }

        public async ValueTask DisposeAsync()
        {
            await Registry.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }

        private async Task<string> PutAsync(string content) =>
            (await _artifacts.PutAsync(Encoding.UTF8.GetBytes(content), Stop)).Digest.ToString();

        private static void AddFacts(RegistryDbContext db, RegistryStore store, Planted planted, string report)
        {
            var (run, model, at) = (planted.Run, planted.Model, SampleFacts.At);
            db.AddRange(planted.Dataset, run, model);
            db.TrainingRuns.Add(new TrainingRun { Id = store.NewId(), PipelineRunId = run.Id, Epochs = 1, BestEpoch = 1, Device = "cpu", Backend = "none", CodeVersion = "1", Details = null, Parity = 0, StartedAt = at, CreatedAt = at });
            var fold = new Fold { Id = store.NewId(), PipelineRunId = run.Id, Repeat = 1, Number = 1, TrainRows = 1, HeldOutRows = 1, Metrics = new Dictionary<string, double>(), PredictionsDigest = report, Epochs = 1, BestEpoch = 1, Device = "cpu", Backend = "none", CodeVersion = "1", Details = null, StartedAt = at, CreatedAt = at };
            db.Folds.Add(fold);
            var trial = new Trial { Id = store.NewId(), PipelineRunId = run.Id, Number = 1, Settings = new Dictionary<string, JsonElement>(), State = TrialState.Failed, Reason = "none", Epochs = 0, Rungs = [], CodeVersion = "1", StartedAt = at, CreatedAt = at };
            db.Trials.Add(trial);
            db.EvaluationReports.Add(new EvaluationReport { Id = store.NewId(), ModelVersionId = model.Id, PipelineRunId = run.Id, ReportDigest = report, Rows = 1, Metrics = new Dictionary<string, double>(), Passed = true, Gates = [], CreatedAt = at });
            db.Compressions.Add(new Compression { Id = store.NewId(), ParentModelVersionId = model.Id, PipelineRunId = run.Id, Measurements = [], Skipped = [], CreatedAt = at });
            db.Promotions.Add(new Promotion { Id = store.NewId(), ModelName = model.Name, Alias = Promotion.Champion, Sequence = 1, ModelVersionId = model.Id, DecidedByRunId = run.Id, Reason = "the only one", CreatedAt = at });
            db.Deployments.Add(new Deployment { Id = store.NewId(), Replica = "a-1", ModelVersionId = model.Id, Ready = true, LoadMilliseconds = 1, CreatedAt = at });
            db.PipelineOutcomes.Add(new PipelineOutcome { PipelineRunId = run.Id, Attempt = 1, Served = true, Stage = "deploy-model", CreatedAt = at });
            foreach (var (action, subject) in new[]
            {
                ("dataset.registered", planted.Dataset.Id), ("pipeline.started", run.Id), ("fold.trained", fold.Id), ("trial.ended", trial.Id), ("model.trained", model.Id), ("model.evaluated", model.Id),
                ("compression.completed", model.Id), ("model.promoted", model.Id), ("model.deployed", model.Id), ("pipeline.served", run.Id),
            })
                db.Audit("test", action, subject, new { });
        }
    }
}
