using System.CommandLine;
using Mlops.Cli;
using Mlops.Registry.Facts;
using Mlops.UnitTests.Datasets;
using Mlops.UnitTests.ExternalModels;
using Mlops.UnitTests.Governance;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Cli;

/// <summary>On a governance host of its own, because a decision stays.</summary>
public sealed class CommandsTests : IAsyncLifetime
{
    private readonly GovernanceHost _governance = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-cli-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _governance.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _governance.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Register_FileAndYamlSpec_TellsTheVersionAndTheRun()
    {
        await using var datasets = await DatasetsServer.StartAsync();
        var (csv, spec) = (Path.Combine(_folder, "flowers.csv"), Path.Combine(_folder, "flowers.yaml"));
        await File.WriteAllTextAsync(csv, Flowers.Csv, Token);
        await File.WriteAllTextAsync(spec, "task: classification\ntarget: kind\n", Token);

        var registered = await RunAsync("datasets", "register", "flowers", csv, "--spec", spec, "--datasets-server", $"{datasets.Http.BaseAddress}");

        registered.ShouldSatisfyAllConditions(
            () => registered.Status.ShouldBe(0, registered.Error),
            () => registered.Out.ShouldStartWith("flowers version 1, 20 rows, SHA-256 "),
            () => registered.Out.ShouldContain("\nrun 0"));
        (await datasets.RowsAsync<PipelineRun>()).Count.ShouldBe(1);

        await File.WriteAllTextAsync(spec, "task: classification\ntarget: colours\n", Token);
        var refused = await RunAsync("datasets", "register", "flowers", csv, "--spec", spec, "--datasets-server", $"{datasets.Http.BaseAddress}");
        (refused.Status, refused.Out).ShouldBe((1, ""));
        refused.Error.ShouldContain("target");
    }

    [Fact]
    public async Task RegisterModel_FileFromElsewhere_TellsTheVersion()
    {
        var file = Path.Combine(_folder, "iris.onnx");
        await File.WriteAllBytesAsync(file, IrisModels.AsNetwork(), Token);
        string[] register = ["models", "register", "flora", file, "--source", "team flora", "--license", "MIT", "--task", "classification", "--classes", "setosa, versicolor,virginica"];

        var registered = await RunAsync([.. register, "--columns", $"X={string.Join(',', IrisModels.Columns)}"]);
        registered.ShouldSatisfyAllConditions(() => registered.Status.ShouldBe(0, registered.Error), () => registered.Out.ShouldStartWith("flora version 1, SHA-256 "));
        var signature = (await _governance.GetAsync("/models/flora/versions/1")).GetProperty("signature");
        signature.GetProperty("inputs")[0].GetProperty("columns").GetArrayLength().ShouldBe(4);
        signature.GetProperty("classes")[1].GetString().ShouldBe("versicolor");

        (await RunAsync([.. register, "--columns", "X"])).Error.ShouldContain("--columns: 'X' is not accepted; an input with its columns, such as X=age,income, each input once, is");
        (await RunAsync([.. register, "--dataset", "iris"])).Error.ShouldContain("--dataset and --spec say together what it is judged by; both or neither are accepted");
        var refused = await RunAsync([.. register, "--columns", "Y=a"]);
        (refused.Status, refused.Error.TrimEnd()).ShouldBe((1, "columns.Y: the model has no such input; X are accepted"));
    }

    [Fact]
    public async Task Follow_RunThatHasEnded_TellsItsStagesAndWhetherItIsServed()
    {
        var served = await RunAsync("runs", "follow", $"{SampleFacts.Served}");
        served.Status.ShouldBe(0, served.Error);
        served.Out.ShouldContain("train-model     done       42.5 s");
        served.Out.TrimEnd().ShouldEndWith("  served");

        var failed = await RunAsync("runs", "follow", $"{SampleFacts.FailedRun}");
        failed.Status.ShouldBe(1);
        failed.Out.ShouldContain("  failed at ");
    }

    [Fact]
    public async Task CancelAndRetry_RunUnderWay_EndIsToldToWhoFollowsIt()
    {
        var following = RunAsync("runs", "follow", $"{SampleFacts.RunningRun}");
        var cancelled = await RunAsync("runs", "cancel", $"{SampleFacts.RunningRun}", "--actor", "ada", "--reason", "wrong file");
        (cancelled.Status, cancelled.Out.TrimEnd()).ShouldBe((0, "cancelled at train-model"), cancelled.Error);

        var followed = await following.WaitAsync(TimeSpan.FromSeconds(30), Token);
        followed.Status.ShouldBe(1);
        followed.Out.ShouldContain("cancelled at train-model: by ada: wrong file");

        var again = await RunAsync("runs", "cancel", $"{SampleFacts.RunningRun}", "--actor", "ada", "--reason", "wrong file");
        (again.Status, again.Out).ShouldBe((1, ""));
        again.Error.ShouldContain("has ended (cancelled)");

        var retried = await RunAsync("runs", "retry", $"{SampleFacts.RunningRun}", "--actor", "ada", "--reason", "the right one");
        (retried.Status, retried.Out.TrimEnd()).ShouldBe((0, "attempt 2: 1 pieces of work and 0 messages are tried again"), retried.Error);
    }

    [Fact]
    public async Task List_ByState_ShowsThose()
    {
        var failed = await RunAsync("runs", "list", "--state", "failed");
        failed.Status.ShouldBe(0, failed.Error);
        failed.Out.ShouldContain($"{SampleFacts.FailedRun}");
        failed.Out.ShouldNotContain($"{SampleFacts.Served}");

        (await RunAsync("runs", "list", "--state", "gone")).Error.ShouldContain("state: 'gone' is not accepted; one of running, served, failed, cancelled is");
    }

    [Fact]
    public async Task AnyCommand_NobodyListens_SaysWhoDidNotAnswer()
    {
        var unanswered = await RunAsync("runs", "list", "--server", "http://127.0.0.1:1");
        unanswered.Status.ShouldBe(1);
        unanswered.Error.ShouldStartWith("http://127.0.0.1:1/ did not answer: ");
    }

    [Fact]
    public async Task AnyCommand_ServerThatIsNoAddress_IsRefused()
    {
        var refused = await RunAsync("runs", "list", "--server", "localhost:5080");
        refused.Status.ShouldBe(1);
        refused.Error.ShouldContain("--server: 'localhost:5080' is not accepted; an address such as http://127.0.0.1:5080 is");
    }

    [Theory]
    [InlineData(ReproductionVerdict.Identical, 0)]
    [InlineData(ReproductionVerdict.Different, 1)]
    public async Task Reproduce_TrainedModel_TellsWhatCameOfIt(ReproductionVerdict verdict, int status)
    {
        var running = RunAsync("models", "reproduce", "iris", "1", "--actor", "Ada", "--reason", "audit");
        await ReproductionApiTests.AnswerAsync(_governance, verdict);
        var told = await running;

        told.Status.ShouldBe(status, told.Error);
        told.Out.ShouldMatch($"^reproduction [0-9a-f-]{{36}} of iris version 1, SHA-256 {SampleFacts.OriginalDigest}\nversion 1 {verdict.ToString().ToLowerInvariant()}: because\nSHA-256 e{{64}} was made again\n$");
    }

    [Theory]
    [InlineData(ReproductionVerdict.Identical, 0, "version 2 identical: because of that\nSHA-256 f{64} was made again\n")]
    [InlineData(ReproductionVerdict.Different, 1, "version 2 different: because of that\nSHA-256 f{64} was made again\n")]
    // What came of its original alone proves nothing of the variant.
    [InlineData(null, 1, "version 2: not compressed again, the trainer's build was too old for it\n")]
    public async Task Reproduce_Variant_TellsWhatCameOfBoth_AndAnswersForTheVariant(ReproductionVerdict? verdict, int status, string last)
    {
        var running = RunAsync("models", "reproduce", "iris", "2", "--actor", "Ada", "--reason", "audit");
        await ReproductionApiTests.AnswerAsync(_governance, ReproductionVerdict.Identical, verdict);
        var told = await running;

        told.Status.ShouldBe(status, told.Error);
        told.Out.ShouldMatch($"^reproduction [0-9a-f-]{{36}} of iris version 1, SHA-256 {SampleFacts.OriginalDigest}\nand of version 2 compressed from it by int8-dynamic, SHA-256 {SampleFacts.Int8Digest}\nversion 1 identical: because\nSHA-256 e{{64}} was made again\n{last}$");
    }

    private async Task<(int Status, string Out, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        List<string> all = [.. args];
        if (!all.Contains("--server"))
            all.AddRange(["--server", $"{_governance.Client.BaseAddress}"]);
        var status = await Commands.Root(output, error).Parse(all).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, Token);
        return (status, $"{output}", $"{error}");
    }
}
