using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Testing;
using Mlops.UnitTests.CrossValidation;
using Mlops.UnitTests.Training;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Runs;

/// <summary>What a person should know of a training stands in the registry, in the event, in the API and on the page.</summary>
[Collection(TrainingCollection.Name)]
public sealed class RunNoteTests(TrainingPlatform platform) : IClassFixture<TrainingPlatform>
{
    private static readonly string Csv = "size,bed,kind\n" + string.Concat(Enumerable.Range(0, 40).Select(row =>
        string.Create(CultureInfo.InvariantCulture, $"{row * 7 % 40},same,{(row < 3 ? "lily" : row % 2 == 0 ? "rose" : "tulip")}\n")));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WithAConstantColumnAndAnEmptyClass_TellsThem()
    {
        string[] expected =
        [
            "kind: no validation row has the class 'lily', so that early stopping and the choice of an architecture do not look at it",
            "bed: every training row has the same value, which tells a model nothing; \"ignore\" under columns leaves it out",
        ];
        var run = await platform.RegisterAsync("flowers", Csv,
            """{"task":"classification","target":"kind","model":{"type":"mlp","hidden":[4]},"split":{"train":20,"validation":2,"test":18},"training":{"epochs":2},"compression":{"methods":[]},"promotion":{"mode":"manual"}}""");
        await Servers.UntilAsync(() => platform.Registry.ReadAsync((db, token) => db.TrainingRuns.AnyAsync(training => training.PipelineRunId == run, token), Stop), TrainingPlatform.Longest, "the training");

        (await platform.Registry.ReadAsync((db, token) => db.TrainingRuns.SingleAsync(training => training.PipelineRunId == run, token), Stop)).Details!.Notes.ShouldBe(expected);
        var body = await platform.Registry.ReadAsync((db, token) => db.OutboxMessages.Where(message => message.Type == nameof(TrainingCompleted)).Select(message => message.Body).SingleAsync(token), Stop);
        JsonSerializer.Deserialize<TrainingCompleted>(body, SpecJson.Canonical)!.Notes.ShouldBe(expected);
        (await platform.GetAsync($"/runs/{run}")).GetRawText().ShouldContain("no validation row has the class");
        WebUtility.HtmlDecode(await platform.Client.GetStringAsync($"/ui/runs/{run}", Stop)).ShouldContain(expected[1]);
    }
}
