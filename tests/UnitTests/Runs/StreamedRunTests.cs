using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Mlops.Testing;
using Mlops.UnitTests.CrossValidation;
using Mlops.UnitTests.Training;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Runs;

/// <summary>A run whose rows exceed the trainer's bound leaves what it leaves with all the memory that it wants.</summary>
[Collection(TrainingCollection.Name)]
public sealed class StreamedRunTests
{
    private const string Spec = """
        {"task":"classification","target":"kind","columns":{"bed":"categorical"},"model":{"type":"mlp","hidden":[8]},"training":{"epochs":4},
         "crossValidation":{"method":"grouped","group":"bed","folds":3},"compression":{"methods":[]},"promotion":{"mode":"manual"}}
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_BeyondTheBound_LeavesTheSameModelAndTheSamePredictions()
    {
        await using var roomy = await StartAsync();
        await using var tight = await StartAsync("--Trainer:MemoryMiB=1");

        var expected = await DigestsAsync(roomy);
        (await DigestsAsync(tight)).ShouldBe(expected);
        expected.Count.ShouldBe(4);

        // What cannot be done within the bound says so.
        var run = await tight.RegisterAsync("flowers", Csv(), """{"task":"classification","target":"kind","model":{"type":"boosted-trees"}}""");
        var outcome = await Pipelines.OutcomeAsync(tight.Registry, run, TrainingPlatform.Longest, Stop);
        outcome.Reason!.ShouldStartWith("model.type: boosted-trees keep what they need of every number in memory");
    }

    private static async Task<TrainingPlatform> StartAsync(params string[] settings)
    {
        var platform = new TrainingPlatform { Settings = settings };
        await platform.InitializeAsync();
        return platform;
    }

    private static async Task<List<string>> DigestsAsync(TrainingPlatform platform)
    {
        var run = await platform.RegisterAsync("flowers", Csv(), Spec);
        await Servers.UntilAsync(() => platform.Registry.ReadAsync((db, token) => db.ModelVersions.AnyAsync(version => version.PipelineRunId == run, token), Stop), TrainingPlatform.Longest, "the model");
        return await platform.Registry.ReadAsync(async (db, token) => new List<string>(
        [
            .. await db.Folds.Where(fold => fold.PipelineRunId == run).OrderBy(fold => fold.Number).Select(fold => fold.PredictionsDigest).ToListAsync(token),
            await db.ModelVersions.Where(version => version.PipelineRunId == run).Select(version => version.Digest).SingleAsync(token),
        ]), Stop);
    }

    /// <summary>Numbers, with missing ones among them, and texts: more than 1 MiB as a table, and as encoded rows.</summary>
    private static string Csv()
    {
        const int Rows = 3_000, Width = 40;
        var chance = new Random(7);
        var text = new StringBuilder(string.Join(',', Enumerable.Range(0, Width).Select(column => $"x{column}")) + ",bed,soil,kind\n");
        for (var row = 0; row < Rows; row++)
        {
            var numbers = Enumerable.Range(0, Width).Select(_ => chance.Next(-999, 999) / 100.0).ToArray();
            foreach (var number in numbers)
                text.Append(CultureInfo.InvariantCulture, $"{(chance.Next(50) == 0 ? "" : number)},");
            text.Append(CultureInfo.InvariantCulture, $"{row / 5},{(chance.Next(9) == 0 ? "" : $"soil {chance.Next(6)}")},{(numbers[0] + numbers[1] > 0 ? "rose" : "tulip")}\n");
        }
        return text.ToString();
    }
}
