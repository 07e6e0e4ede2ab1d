using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

/// <summary>Each test has a registry of its own, because a decision stays.</summary>
public sealed class CancelAndRetryTests : IAsyncLifetime
{
    private readonly GovernanceHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Cancel_RunUnderWay_EndsItAndTakesItsWorkFromTheWorker()
    {
        var work = await WorkAsync();
        work.State.ShouldBe(WorkState.Leased);

        var outcome = await DecideAsync("cancel", SampleFacts.RunningRun);

        outcome.GetProperty("kind").GetString().ShouldBe("Cancelled");
        outcome.GetProperty("stage").GetString().ShouldBe("train-model");
        outcome.GetProperty("reason").GetString().ShouldBe("by Ada: wrong file");
        (await WorkAsync()).State.ShouldBe(WorkState.Cancelled);
        (await Queue.RenewAsync(work, Token)).ShouldBeFalse();
        (await StateOfAsync(SampleFacts.RunningRun)).ShouldBe(("cancelled", 1));
        (await _host.GetAsync("/runs?state=cancelled")).GetProperty("runs")[0].GetProperty("id").GetGuid().ShouldBe(SampleFacts.RunningRun);
        (await LastAuditAsync(SampleFacts.RunningRun)).ShouldBe(("Ada", "pipeline.cancelled"));
    }

    [Fact]
    public async Task Enqueue_ForACancelledRun_WaitsForARetry()
    {
        await DecideAsync("cancel", SampleFacts.RunningRun);
        await _host.Registry.WriteAsync((db, token) => Queue.EnqueueAsync(db, "evaluate-model", SampleFacts.RunningRun, SampleFacts.Id(900), "cpu", token), Token);
        (await Queue.ClaimAsync("evaluate-model", ["cpu"], "worker", Token)).ShouldBeNull();

        var retry = await DecideAsync("retry", SampleFacts.RunningRun);

        retry.GetProperty("attempt").GetInt32().ShouldBe(2);
        retry.GetProperty("requeued").GetInt32().ShouldBe(2);
        (await StateOfAsync(SampleFacts.RunningRun)).ShouldBe(("running", 2));
        (await Queue.ClaimAsync("evaluate-model", ["cpu"], "worker", Token)).ShouldNotBeNull().SubjectId.ShouldBe(SampleFacts.Id(900));
        (await LastAuditAsync(SampleFacts.RunningRun)).ShouldBe(("Ada", "pipeline.retried"));
    }

    [Fact]
    public async Task Retry_WhatWouldPromoteItCameWhileItWasCancelled_PromotesIt()
    {
        await DecideAsync("cancel", SampleFacts.RunningRun);
        await _host.Registry.WriteAsync((db, _) =>
        {
            db.Insert(
                new EvaluationReport
                {
                    Id = SampleFacts.Id(910),
                    ModelVersionId = SampleFacts.WineVersion,
                    PipelineRunId = SampleFacts.RunningRun,
                    ReportDigest = new string('e', 64),
                    Rows = 23,
                    Metrics = new Dictionary<string, double> { ["accuracy"] = 0.95 },
                    Passed = true,
                    Gates = [],
                    CreatedAt = _host.Registry.Now(),
                },
                new Compression
                {
                    Id = SampleFacts.Id(911),
                    ParentModelVersionId = SampleFacts.WineVersion,
                    PipelineRunId = SampleFacts.RunningRun,
                    Measurements = [new LatencyMeasurement(SampleFacts.WineVersion, 10, 12)],
                    Skipped = [],
                    CreatedAt = _host.Registry.Now(),
                });
            return Task.CompletedTask;
        }, Token);

        await DecideAsync("retry", SampleFacts.RunningRun);

        (await _host.Registry.ReadAsync((db, token) => db.Promotions.SingleAsync(promotion => promotion.DecidedByRunId == SampleFacts.RunningRun, token), Token))
            .ModelVersionId.ShouldBe(SampleFacts.WineVersion);
    }

    [Fact]
    public async Task Failed_TellsOfWorkThatIsTriedAgainByNow_IsOutOfDate()
    {
        var work = await WorkAsync();
        await DecideAsync("cancel", SampleFacts.RunningRun);
        await DecideAsync("retry", SampleFacts.RunningRun);
        await _host.Registry.WriteAsync((db, _) =>
        {
            db.Publish(new PipelineFailed
            {
                EventId = _host.Registry.NewId(),
                OccurredAt = _host.Registry.Now(),
                PipelineRunId = SampleFacts.RunningRun,
                WorkItemId = work.Id,
                Stage = work.Kind,
                Kind = "AttemptsExhausted",
                Reason = "of the attempt before",
            });
            return Task.CompletedTask;
        }, Token);

        while (!await _host.Registry.ReadAsync((db, token) => db.InboxMessages.AnyAsync(row => row.Consumer == "RecordOutcome", token), Token))
            await Task.Delay(20, Token);
        (await StateOfAsync(SampleFacts.RunningRun)).ShouldBe(("running", 2));
    }

    [Fact]
    public async Task Follow_RunThatEnds_TellsEachStateAndEnds()
    {
        using var stream = await _host.Client.GetStreamAsync($"/runs/{SampleFacts.RunningRun}/events", Token);
        using var reader = new StreamReader(stream);
        (await NextStateAsync(reader)).GetProperty("state").GetString().ShouldBe("running");

        await DecideAsync("cancel", SampleFacts.RunningRun);

        var last = await NextStateAsync(reader);
        last.GetProperty("state").GetString().ShouldBe("cancelled");
        last.GetProperty("stages")[0].GetProperty("state").GetString().ShouldBe("cancelled");
        (await reader.ReadToEndAsync(Token)).Trim().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("cancel", 1, "has ended (served); only one that goes on can be cancelled")]
    [InlineData("cancel", 60, "has ended (failed); only one that goes on can be cancelled")]
    [InlineData("retry", 1, "is served; only a run that failed or was cancelled can be retried")]
    [InlineData("retry", 60, "can be tried again: GateNotMet at evaluate-model; a new run can be started")]
    [InlineData("retry", 120, "goes on; only one that failed or was cancelled can be retried")]
    public async Task Decide_RunThatCannotBe_FaultSaysWhyAndNothingChanges(string verb, int run, string detail)
    {
        var before = await _host.GetAsync("/audit/verify");
        using var response = await PostAsync(verb, SampleFacts.Id(run));
        (await GovernanceHost.ProblemOf(response, HttpStatusCode.Conflict)).ShouldEndWith(detail);
        (await _host.GetAsync("/audit/verify")).ToString().ShouldBe(before.ToString());
    }

    [Fact]
    public async Task Cancel_WithoutAPerson_IsRefused()
    {
        using var response = await _host.Client.PostAsJsonAsync($"/runs/{SampleFacts.RunningRun}/cancel", new { reason = "why not" }, Token);
        (await GovernanceHost.ProblemOf(response, HttpStatusCode.BadRequest)).ShouldBe("actor: missing; who decides this, in 1 to 128 characters, is accepted");
        (await StateOfAsync(SampleFacts.RunningRun)).ShouldBe(("running", 1));
    }

    private WorkQueue Queue => new(_host.Registry);

    private Task<WorkItem> WorkAsync() => _host.Registry.ReadAsync((db, token) => db.WorkItems.SingleAsync(item => item.PipelineRunId == SampleFacts.RunningRun, token), Token);

    private Task<HttpResponseMessage> PostAsync(string verb, Guid run) =>
        _host.Client.PostAsJsonAsync($"/runs/{run}/{verb}", new { actor = "Ada", reason = "wrong file" }, Token);

    private async Task<JsonElement> DecideAsync(string verb, Guid run)
    {
        using var response = await PostAsync(verb, run);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private async Task<(string? State, int Attempt)> StateOfAsync(Guid run)
    {
        var detail = await _host.GetAsync($"/runs/{run}");
        return (detail.GetProperty("state").GetString(), detail.GetProperty("attempt").GetInt32());
    }

    private async Task<(string? Actor, string? Action)> LastAuditAsync(Guid subject)
    {
        var entry = (await _host.GetAsync($"/audit?subject={subject}")).GetProperty("entries").EnumerateArray().Last();
        return (entry.GetProperty("actor").GetString(), entry.GetProperty("action").GetString());
    }

    private static async Task<JsonElement> NextStateAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(Token) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal) && line != "data: null")
                return JsonElement.Parse(line["data: ".Length..]);
        throw new EndOfStreamException();
    }
}
