using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Runs;
using Mlops.Tabular;
using Mlops.Testing;
using Mlops.UnitTests.CrossValidation;
using Mlops.UnitTests.Training;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Search;

/// <summary>From a spec with a search to what the registry, the API and the pages say of it.</summary>
[Collection(TrainingCollection.Name)]
public sealed class SearchRunTests(TrainingPlatform platform) : IClassFixture<TrainingPlatform>
{
    private const string Manual = """ "compression":{"methods":[]},"promotion":{"mode":"manual"}""";

    /// <summary>60 rows of two kinds.</summary>
    private static readonly string Csv = "size,kind\n" + string.Concat(Enumerable.Range(0, 60).Select(row =>
        string.Create(CultureInfo.InvariantCulture, $"{(row * 37 % 60) + (row % 2 * 20)}.5,{(row % 2 == 0 ? "rose" : "tulip")}\n")));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WithSearchAndFolds_TrainsFoldsAndModelWithTheWinnersSettings()
    {
        var run = await platform.RegisterAsync("searched", Csv,
            $$$"""
            {"task":"classification","target":"kind","model":{"type":"mlp","hidden":[4]},"training":{"epochs":9,"earlyStopping":null},
             "search":{"trials":6,"parallel":2,"space":{"optimizer.learningRate":{"min":0.0001,"max":0.3,"scale":"log"},"model.hidden":{"values":[[2],[8]]}},"pruning":{"minEpochs":2,"reduction":2}},
             "crossValidation":{"folds":2},{{{Manual}}} }
            """);
        await ReportOfAsync(run);

        // 1. Every trial is there once, and the rungs say why one was stopped.
        var trials = await TrialsOfAsync(run);
        trials.Select(trial => trial.Number).ShouldBe(Enumerable.Range(1, 6));
        trials.ShouldAllBe(trial => trial.State != TrialState.Failed && trial.Settings.Count == 2 && trial.Rungs.Count > 0 && trial.Rungs[0].Epoch == 2);
        trials.Count(trial => trial.State == TrialState.Pruned).ShouldBePositive();
        foreach (var trial in trials)
        {
            trial.Epochs.ShouldBe(trial.State == TrialState.Pruned ? trial.Rungs[^1].Epoch : 9);
            (trial.State == TrialState.Pruned ? trial.Rungs[^1].Objective : await LastLossOfAsync(run, trial.Number)).ShouldBe(trial.Objective!.Value);
        }

        // 2. The winner's settings are those of the folds and of the model.
        var search = PipelineSpec.Parse((await platform.Registry.ReadAsync((db, token) => db.PipelineRuns.SingleAsync(row => row.Id == run, token), Stop)).Spec, "x").Search!;
        var winner = TrialWork.WinnerOf(search, trials)!;
        winner.Objective.ShouldBe(trials.Where(trial => trial.State == TrialState.Completed).Min(trial => trial.Objective));
        using var inputs = await TrainingRows.LoadAsync(platform.Registry, platform.Artifacts, run, new RowMemory(1L << 30, Path.GetTempPath()), Stop);
        (inputs.TunedBy, inputs.Spec.Search).ShouldBe((winner.Id, null));
        inputs.Spec.Optimizer.LearningRate.ShouldBe(winner.Settings["optimizer.learningRate"].GetDouble());
        // The same rows, settings and seed give the same curve: the model is the trial's.
        (await SeriesAsync($"/runs/{run}/metrics")).GetRawText().ShouldBe((await SeriesAsync($"/runs/{run}/metrics?trial={winner.Number}")).GetRawText());

        // 3. Lineage, audit, events.
        var version = await platform.Registry.ReadAsync((db, token) => db.ModelVersions.SingleAsync(row => row.PipelineRunId == run, token), Stop);
        var graph = await platform.Registry.ReadAsync((db, token) => LineageQuery.TraceAsync(db, FactKind.ModelVersion, version.Id, LineageDirection.Up, token), Stop);
        graph.Nodes.Single(node => node.Kind == FactKind.Trial).ShouldSatisfyAllConditions(node => node.Id.ShouldBe(winner.Id), node => node.Label.ShouldBe($"trial {winner.Number} of a search"));
        graph.Edges.Count(edge => edge.Relation == "tuned-by").ShouldBe(3);
        (await platform.Registry.ReadAsync((db, token) => db.AuditEntries.CountAsync(entry => entry.Action == "trial.ended" && trials.Select(trial => trial.Id).Contains(entry.SubjectId), token), Stop)).ShouldBe(6);
        (await EventsOfAsync(run, nameof(TrialCompleted))).Count.ShouldBe(6);
        (await EventsOfAsync(run, nameof(TrainingCompleted))).ShouldHaveSingleItem();

        // 4. API and pages.
        var told = (await platform.GetAsync($"/runs/{run}")).GetProperty("search");
        told.GetProperty("progress").GetRawText().ShouldBe("""{"done":6,"total":6}""");
        told.GetProperty("winner").GetInt32().ShouldBe(winner.Number);
        told.GetProperty("trials")[0].GetProperty("settings").GetRawText().ShouldBe(JsonSerializer.Serialize(trials[0].Settings, SpecJson.Canonical));
        var html = WebUtility.HtmlDecode(await platform.Client.GetStringAsync($"/ui/runs/{run}?trial=2", Stop));
        html.ShouldContain("6 of 6 trials");
        html.ShouldContain($"{winner.Number} (best)");
        html.ShouldContain("Learning curve of trial 2");
        html.ShouldContain(trials[4].Settings["optimizer.learningRate"].GetRawText());
        (await platform.Client.GetStringAsync($"/ui/facts/{trials[3].Id}", Stop)).ShouldContain("6 of 6 trials");
        using var both = await platform.Client.GetAsync(new Uri($"/runs/{run}/metrics?trial=1&fold=1", UriKind.Relative), Stop);
        both.StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        // 5. Whoever trains it again does so with the winner's settings, and comes to the same bits.
        using var asked = await platform.Client.PostAsJsonAsync($"/runs/{run}/reproductions", new { actor = "Ada", reason = "an audit" }, Stop);
        asked.IsSuccessStatusCode.ShouldBeTrue();
        Reproduction? again = null;
        await Servers.UntilAsync(async () => (again = await platform.Registry.ReadAsync(
            (db, token) => db.Reproductions.SingleOrDefaultAsync(row => db.ReproductionRequests.Any(request => request.Id == row.Id && request.PipelineRunId == run), token), Stop)) is not null,
            TrainingPlatform.Longest, "the reproduction");
        again!.Verdict.ShouldBe(ReproductionVerdict.Identical);
    }

    [Fact]
    public async Task Run_TrialsThatCannotBeTrained_AreRecordedAndTheOthersGoOn()
    {
        var run = await platform.RegisterAsync("partly", Csv,
            $$$"""
            {"task":"classification","target":"kind","model":{"type":"mlp"},"optimizer":{"type":"sgd","momentum":0.99},"training":{"epochs":20},
             "search":{"method":"grid","space":{"optimizer.learningRate":{"values":[1000,0.01]} } },{{{Manual}}} }
            """);
        await ReportOfAsync(run);
        var trials = await TrialsOfAsync(run);
        trials.Select(trial => trial.State).ShouldBe([TrialState.Failed, TrialState.Completed]);
        trials[0].ShouldSatisfyAllConditions(
            trial => trial.Reason!.ShouldContain("epoch"),
            trial => trial.Objective.ShouldBeNull(),
            trial => trial.Backend.ShouldBeNull());
        WebUtility.HtmlDecode(await platform.Client.GetStringAsync($"/ui/runs/{run}", Stop)).ShouldContain(trials[0].Reason!);
        (await RunInputs.LoadAsync(platform.Registry, platform.Artifacts, run, Stop)).Spec.Optimizer.LearningRate.ShouldBe(0.01);
    }

    /// <summary>Settings that take more memory than there is end their worker's process, and that of whoever tries next.</summary>
    [Fact]
    public async Task Run_TrialThatKillsItsWorkers_IsGivenUpAndTheOthersGoOn()
    {
        var known = await platform.RegisterAsync("killing", Csv, $$$"""{"task":"classification","target":"kind","model":{"type":"mlp","hidden":[4]},"training":{"epochs":2},{{{Manual}}} }""");
        var run = platform.Registry.NewId();
        await platform.Registry.WriteAsync(async (db, token) =>
        {
            var other = await db.PipelineRuns.AsNoTracking().SingleAsync(row => row.Id == known, token);
            var space = new Dictionary<string, RangeSpec> { ["model.dropout"] = new NumberRangeSpec { Min = 0, Max = 0.5 } };
            var spec = (PipelineSpec.Parse(other.Spec, "killing") with { Search = new SearchSpec { Method = SearchMethod.Random, Trials = 2, Seed = 1, Space = space } }).ToJson();
            var now = platform.Registry.Now();
            db.Insert(new PipelineRun { Id = run, Name = "killing", DatasetVersionId = other.DatasetVersionId, Spec = spec, SpecDigest = other.SpecDigest, SplitDigest = other.SplitDigest, CreatedAt = now });
            db.Insert(new WorkItem { Id = platform.Registry.NewId(), Kind = TrialWork.Kind, PipelineRunId = run, SubjectId = TrialWork.SubjectOf(run, 2), Requirement = "cpu", Failures = 5, Attempt = 5, DueAt = now, CreatedAt = now });
            db.Publish(new TrainingRequested { EventId = platform.Registry.NewId(), OccurredAt = now, PipelineRunId = run, DatasetVersionId = other.DatasetVersionId, SpecDigest = other.SpecDigest });
        }, Stop);
        await ReportOfAsync(run);
        var trials = await TrialsOfAsync(run);
        trials.Select(trial => (trial.State, trial.Reason)).ShouldBe([(TrialState.Completed, null), (TrialState.Failed, "failed 5 times; the last error: the worker died")]);
        trials[1].Settings.Keys.ShouldBe(["model.dropout"]);
    }

    [Fact]
    public async Task Run_NothingCanBeTrained_FailsWithTheReasons()
    {
        var run = await platform.RegisterAsync("not-at-all", Csv,
            $$$"""
            {"task":"classification","target":"kind","model":{"type":"mlp"},"optimizer":{"type":"sgd","momentum":0.99},"crossValidation":{"folds":2},
             "search":{"method":"grid","space":{"optimizer.learningRate":{"values":[1000,900]} } },{{{Manual}}} }
            """);
        var outcome = await Pipelines.OutcomeAsync(platform.Registry, run, TrainingPlatform.Longest, Stop);
        (outcome.Stage, outcome.Kind).ShouldBe(("train-model", "Invalid"));
        outcome.Reason.ShouldStartWith("search: none of 2 trials could be trained; trial 1: ");
    }

    [Theory]
    [InlineData("boosted-trees", """{"type":"boosted-trees","trees":12,"minRowsInLeaf":2}""", """{"model.leaves":{"min":2,"max":9,"integer":true},"model.learningRate":{"min":0.01,"max":0.5,"scale":"log"}}""", """{"minEpochs":2}""")]
    [InlineData("picked", """{"type":"auto"}""", """{"training.batchSize":{"min":4,"max":16,"integer":true}}""", "null")]
    [InlineData("models", """{"type":"linear"}""", """{"model":{"values":[{"type":"linear"},{"type":"mlp","hidden":[4]},{"type":"boosted-trees","trees":9,"minRowsInLeaf":2}]}}""", """{"minEpochs":1}""")]
    public async Task Run_OfOtherModels_EndsInOneModel(string name, string model, string space, string pruning)
    {
        var run = await platform.RegisterAsync(name, Csv,
            $$$"""{"task":"classification","target":"kind","model":{{{model}}},"training":{"epochs":6},"search":{"trials":3,"space":{{{space}}},"pruning":{{{pruning}}}},{{{Manual}}} }""");
        await ReportOfAsync(run);
        (await TrialsOfAsync(run)).ShouldAllBe(trial => trial.Objective > 0);
        (await EventsOfAsync(run, nameof(TrainingCompleted))).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Register_SettingsThatTheDataDoesNotSuit_AreRefusedByTheirPlaces()
    {
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => platform.RegisterAsync("refused", Csv,
            """{"task":"classification","target":"kind","model":{"type":"mlp"},"search":{"trials":2,"space":{"model":{"values":[{"type":"mlp"},{"type":"cnn","shape":[1,3,3]}]},"preprocessing.columns.sise.log":{"values":[true]}}}}"""));
        var fields = JsonElement.Parse(refused.Message).GetProperty("errors").GetRawText();
        fields.ShouldContain("search.space.model.values[1]");
        fields.ShouldContain("search.space.preprocessing.columns.sise.log.values[0]");
    }

    private Task<List<Trial>> TrialsOfAsync(Guid run) => platform.Registry.ReadAsync((db, token) => TrialWork.DoneOf(db, run).ToListAsync(token), Stop);

    private async Task<double> LastLossOfAsync(Guid run, int trial) =>
        (await SeriesAsync($"/runs/{run}/metrics?trial={trial}")).GetProperty("values").EnumerateArray().Last().GetDouble();

    private async Task<JsonElement> SeriesAsync(string path) => (await platform.GetAsync(path)).GetProperty("series").GetProperty("validation/loss");

    private Task<List<string>> EventsOfAsync(Guid run, string type) => platform.Registry.ReadAsync((db, token) =>
        db.OutboxMessages.Where(message => message.PipelineRunId == run && message.Type == type).Select(message => message.Body).ToListAsync(token), Stop);

    private async Task<EvaluationReport> ReportOfAsync(Guid run)
    {
        EvaluationReport? report = null;
        await Servers.UntilAsync(async () =>
        {
            var outcome = await platform.Registry.ReadAsync((db, token) => Outcomes.Of(db).SingleOrDefaultAsync(row => row.PipelineRunId == run, token), Stop);
            outcome?.Reason.ShouldBeNull();
            report = await platform.Registry.ReadAsync((db, token) => db.EvaluationReports.SingleOrDefaultAsync(row => row.PipelineRunId == run, token), Stop);
            return report is not null;
        }, TrainingPlatform.Longest, "the evaluation");
        return report!;
    }
}
