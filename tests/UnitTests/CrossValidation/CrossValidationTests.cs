using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Scoring.Metrics;
using Mlops.Tabular;
using Mlops.Testing;
using Mlops.UnitTests.Training;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.CrossValidation;

/// <summary>From a spec with a cross-validation to what the registry, the report, the API and the pages say of it.</summary>
[Collection(TrainingCollection.Name)]
public sealed class CrossValidationTests(TrainingPlatform platform) : IClassFixture<TrainingPlatform>
{
    /// <summary>60 rows of two kinds, in 12 beds of five.</summary>
    private static readonly string Csv = "size,bed,kind\n" + string.Concat(Enumerable.Range(0, 60).Select(row =>
        string.Create(CultureInfo.InvariantCulture, $"{(row * 37 % 60) + (row % 2 * 20)}.5,b{row / 5:00},{(row % 2 == 0 ? "rose" : "tulip")}\n")));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WithCrossValidation_LeavesFoldsThenOneModelAndTheirReport()
    {
        var run = await platform.RegisterAsync("flowers", Csv,
            """{"task":"classification","target":"kind","model":{"hidden":[4]},"training":{"epochs":3},"crossValidation":{"method":"grouped","group":"bed","folds":3,"repeats":2},"compression":{"methods":[]},"promotion":{"mode":"manual"}}""");
        var report = await ReportOfAsync(run);

        // 1. Every training row is held out once in each repeat, by a model that saw none of its bed.
        var folds = await FoldsOfAsync(run);
        folds.Select(fold => (fold.Repeat, fold.Number)).ShouldBe([(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]);
        var predictions = new List<OutOfFoldPredictions>();
        foreach (var fold in folds)
            predictions.Add(OutOfFoldPredictions.FromJson(await platform.Artifacts.ReadAsync(ContentDigest.Parse(fold.PredictionsDigest), Stop)));
        foreach (var repeat in predictions.GroupBy(part => part.Repeat))
        {
            repeat.SelectMany(part => part.Rows).Distinct().Count().ShouldBe(40);
            repeat.Sum(part => part.Rows.Count).ShouldBe(40);
            repeat.SelectMany(part => part.Rows.Select(row => row / 5).Distinct()).ShouldBeUnique();
        }
        // The split keeps beds together too, so that the test rows tell the same as the folds.
        var split = RowSplit.FromBytes(await platform.Artifacts.ReadAsync(ContentDigest.Parse((await platform.GetAsync($"/runs/{run}")).GetProperty("splitDigest").GetString()!), Stop));
        Enumerable.Range(0, split.Count).GroupBy(row => row / 5, row => split[row]).ShouldAllBe(bed => bed.Distinct().Count() == 1);
        foreach (var part in predictions)
            part.Truth.ShouldBe(part.Rows.Select(row => row % 2.0));

        // 2. One model, without the bed among its features, whose event has the folds' spread.
        var version = await platform.Registry.ReadAsync((db, token) => db.ModelVersions.SingleAsync(row => row.PipelineRunId == run, token), Stop);
        version.Signature.Inputs.SelectMany(input => input.Columns).ShouldBe(["size"]);
        var completed = JsonSerializer.Deserialize<TrainingCompleted>((await EventsOfAsync(run, nameof(TrainingCompleted))).ShouldHaveSingleItem(), SpecJson.Canonical)!;
        var accuracies = folds.Select(fold => fold.Metrics[MetricNames.Accuracy]).ToList();
        completed.Metrics["cross-validation/accuracy/mean"].ShouldBe(accuracies.Average(), 1e-12);
        completed.Metrics["cross-validation/accuracy/standard-deviation"].ShouldBe(Math.Sqrt(accuracies.Sum(one => Math.Pow(one - accuracies.Average(), 2)) / 5), 1e-12);
        (await EventsOfAsync(run, nameof(FoldCompleted))).Count.ShouldBe(6);

        // 3. The evaluator finds the same.
        var told = JsonElement.Parse(await platform.Artifacts.ReadAsync(ContentDigest.Parse(report.ReportDigest), Stop)).GetProperty("crossValidation");
        told.GetProperty("metrics").GetProperty("accuracy").GetProperty("mean").GetDouble().ShouldBe(accuracies.Average(), 1e-12);
        told.GetProperty("folds").EnumerateArray().Select(fold => fold.GetProperty("metrics").GetProperty("accuracy").GetDouble()).ShouldBe(accuracies);
        told.GetProperty("folds").EnumerateArray().Select(fold => fold.GetProperty("predictionsDigest").GetString()).ShouldBe(folds.Select(fold => fold.PredictionsDigest));

        // 4. Lineage leads from the model through the folds to the data, and the audit log has each fold.
        var graph = await platform.Registry.ReadAsync((db, token) => LineageQuery.TraceAsync(db, FactKind.ModelVersion, version.Id, LineageDirection.Up, token), Stop);
        graph.Nodes.Where(node => node.Kind == FactKind.Fold).Select(node => node.Id).ShouldBe(folds.Select(fold => fold.Id), ignoreOrder: true);
        graph.Nodes.First(node => node.Id == folds[0].Id).Label.ShouldBe($"fold 1 of repeat 1, {folds[0].HeldOutRows} rows held out");
        (await platform.Registry.ReadAsync((db, token) => db.AuditEntries.CountAsync(entry => entry.Action == "fold.trained" && folds.Select(fold => fold.Id).Contains(entry.SubjectId), token), Stop)).ShouldBe(6);

        // 5. API and pages.
        var detail = (await platform.GetAsync($"/runs/{run}")).GetProperty("crossValidation");
        detail.GetProperty("progress").GetRawText().ShouldBe("""{"done":6,"total":6}""");
        detail.GetProperty("metrics").GetProperty("accuracy").GetProperty("mean").GetDouble().ShouldBe(accuracies.Average(), 1e-12);
        detail.GetProperty("folds").GetArrayLength().ShouldBe(6);
        var curve = await platform.GetAsync($"/runs/{run}/metrics?fold=2&repeat=2");
        curve.GetProperty("series").GetProperty("train/loss").GetProperty("steps").GetRawText().ShouldBe("[1,2,3]");
        (await platform.GetAsync($"/runs/{run}/metrics")).GetProperty("series").GetProperty("train/loss").GetProperty("steps").GetRawText().ShouldBe("[1,2,3]");
        foreach (var page in new[] { $"/ui/runs/{run}", "/ui/models/flowers/versions/1" })
        {
            var html = WebUtility.HtmlDecode(await platform.Client.GetStringAsync(page, Stop));
            html.ShouldContain("Cross-validation");
            html.ShouldContain("mean ± standard deviation");
            html.ShouldContain("2 of repeat 2");
        }
        (await platform.Client.GetStringAsync($"/ui/runs/{run}", Stop)).ShouldContain("6 of 6 folds");
        (await platform.Client.GetStringAsync($"/ui/facts/{folds[1].Id}", Stop)).ShouldContain("6 of 6 folds");
    }

    [Fact]
    public async Task Collect_FoldsThatWereCollectedBefore_AddsNoSecondTraining()
    {
        var run = await platform.RegisterAsync("again", Csv,
            """{"task":"classification","target":"kind","model":{"hidden":[4]},"training":{"epochs":1},"crossValidation":{"folds":2},"compression":{"methods":[]},"promotion":{"mode":"manual"}}""");
        await ReportOfAsync(run);
        // Another event of a fold: the inbox does not know it, the work's key does.
        var fold = (await FoldsOfAsync(run))[0];
        var again = new FoldCompleted
        {
            EventId = platform.Registry.NewId(),
            OccurredAt = platform.Registry.Now(),
            PipelineRunId = run,
            FoldId = fold.Id,
            Repeat = 1,
            Fold = 1,
            Metrics = fold.Metrics,
            PredictionsDigest = fold.PredictionsDigest,
        };
        await platform.Registry.WriteAsync((db, _) =>
        {
            db.Publish(again);
            return Task.CompletedTask;
        }, Stop);
        await Servers.UntilAsync(() => platform.Registry.ReadAsync(
            (db, token) => db.InboxMessages.AnyAsync(message => message.Consumer == "CollectFolds" && message.MessageId == again.EventId, token), Stop), TrainingPlatform.Longest, "the event's consumer");
        var work = await platform.Registry.ReadAsync((db, token) => db.WorkItems.Where(item => item.PipelineRunId == run && item.Kind == "train-model").ToListAsync(token), Stop);
        (work.ShouldHaveSingleItem().State, work[0].Attempt).ShouldBe((WorkState.Done, 1));
        (await EventsOfAsync(run, nameof(TrainingCompleted))).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Run_FoldThatDiverges_FailsWithTheReasonAndGoesOnFromThereWhenRetried()
    {
        var run = await platform.RegisterAsync("diverging", Csv,
            """{"task":"classification","target":"kind","model":{"type":"mlp"},"optimizer":{"type":"sgd","learningRate":1000,"momentum":0.99},"crossValidation":{"folds":2},"promotion":{"mode":"manual"}}""");
        var outcome = await Pipelines.OutcomeAsync(platform.Registry, run, TrainingPlatform.Longest, Stop);
        (outcome.Stage, outcome.Kind).ShouldBe(("train-fold", "Invalid"));
        var reason = outcome.Reason!;
        WebUtility.HtmlDecode(await platform.Client.GetStringAsync($"/ui/runs/{run}", Stop)).ShouldContain(reason);
        await Servers.UntilAsync(async () => (await WorkOfAsync(run)).All(item => item.State == WorkState.Failed), TrainingPlatform.Longest, "both folds' end");

        using var retried = await platform.Client.PostAsJsonAsync($"/runs/{run}/retry", new { actor = "Ada", reason = "once more" }, Stop);
        (await retried.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("requeued").GetInt32().ShouldBe(2);
        (await Pipelines.OutcomeAsync(platform.Registry, run, TrainingPlatform.Longest, Stop)).Attempt.ShouldBe(2);
    }

    /// <summary>A run that another build let in.</summary>
    [Fact]
    public async Task Run_FewerRowsThanFolds_FailsWithTheReasonInEventApiAndPage()
    {
        var known = await platform.RegisterAsync("few", Csv, """{"task":"classification","target":"kind","model":{"hidden":[4]},"training":{"epochs":1},"compression":{"methods":[]},"promotion":{"mode":"manual"}}""");
        var run = platform.Registry.NewId();
        await platform.Registry.WriteAsync(async (db, token) =>
        {
            var other = await db.PipelineRuns.AsNoTracking().SingleAsync(row => row.Id == known, token);
            var spec = (PipelineSpec.Parse(other.Spec, "few") with { CrossValidation = new CrossValidationSpec { Method = CrossValidationMethod.KFold, Folds = 50 } }).ToJson();
            db.Insert(new PipelineRun { Id = run, Name = "few", DatasetVersionId = other.DatasetVersionId, Spec = spec, SpecDigest = other.SpecDigest, SplitDigest = other.SplitDigest, CreatedAt = platform.Registry.Now() });
            db.Publish(new TrainingRequested { EventId = platform.Registry.NewId(), OccurredAt = platform.Registry.Now(), PipelineRunId = run, DatasetVersionId = other.DatasetVersionId, SpecDigest = other.SpecDigest });
        }, Stop);
        await Pipelines.OutcomeAsync(platform.Registry, run, TrainingPlatform.Longest, Stop);

        const string Reason = "crossValidation.folds: 50 folds are not accepted for 42 training rows; with at least 50 they are";
        (await EventsOfAsync(run, nameof(PipelineFailed))).ShouldAllBe(body => body.Contains(Reason));
        (await platform.GetAsync($"/runs/{run}")).GetProperty("outcome").GetProperty("reason").GetString().ShouldBe(Reason);
        WebUtility.HtmlDecode(await platform.Client.GetStringAsync($"/ui/runs/{run}", Stop)).ShouldContain(Reason);
    }

    [Theory]
    [InlineData("""{"folds":50}""", "crossValidation.folds: 50 folds are not accepted for 42 training rows; with at least 50 they are")]
    [InlineData("""{"folds":22}""", "crossValidation.folds: 22 folds are not accepted for class 'rose' with 21 training rows")]
    [InlineData("""{"method":"grouped","group":"bed","folds":13}""", "crossValidation.folds: 13 folds are not accepted for 8 groups in the training rows' 'bed'")]
    [InlineData("""{"method":"grouped","group":"pot"}""", "crossValidation.group: there is no column 'pot'; there are size, bed, kind")]
    [InlineData("""{"method":"time-ordered","time":"day"}""", "crossValidation.time: there is no column 'day'; there are size, bed, kind")]
    public async Task Register_FoldsThatTheRowsCannotFill_IsRefusedAtOnce(string section, string expected)
    {
        var spec = $$"""{"task":"classification","target":"kind","crossValidation":{{section}}}""";
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => platform.RegisterAsync("refused", Csv, spec));
        WebUtility.HtmlDecode(refused.Message).Replace("\\u0027", "'").ShouldContain(expected);
    }

    private async Task<EvaluationReport> ReportOfAsync(Guid run)
    {
        EvaluationReport? report = null;
        await Servers.UntilAsync(async () =>
            (report = await platform.Registry.ReadAsync((db, token) => db.EvaluationReports.SingleOrDefaultAsync(row => row.PipelineRunId == run, token), Stop)) is not null,
            TrainingPlatform.Longest, "the evaluation");
        return report!;
    }

    private Task<List<Fold>> FoldsOfAsync(Guid run) => platform.Registry.ReadAsync(
        (db, token) => db.Folds.Where(fold => fold.PipelineRunId == run).OrderBy(fold => fold.Repeat).ThenBy(fold => fold.Number).ToListAsync(token), Stop);

    private Task<List<WorkItem>> WorkOfAsync(Guid run) => platform.Registry.ReadAsync((db, token) => db.WorkItems.Where(item => item.PipelineRunId == run).ToListAsync(token), Stop);

    /// <summary>The embedded default keeps what was published until its run has ended.</summary>
    private Task<List<string>> EventsOfAsync(Guid run, string type) => platform.Registry.ReadAsync(
        (db, token) => db.OutboxMessages.Where(message => message.PipelineRunId == run && message.Type == type).Select(message => message.Body).ToListAsync(token), Stop);
}
