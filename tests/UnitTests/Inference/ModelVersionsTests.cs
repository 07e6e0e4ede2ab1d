using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>Several versions of one name, served at once.</summary>
public sealed class ModelVersionsTests : IDisposable
{
    private readonly ModelHost _host = new(Options.Create(new InferenceOptions()), TimeProvider.System, NullLogger<ModelHost>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Serve_SeveralVersions_EachAnswersByItsNumberAndTheChampionWithoutOne()
    {
        await ServeAsync(2, 1, 3);

        (await AnswererAsync("")).ShouldBe(2);
        foreach (var version in (int[])[1, 2, 3])
            (await AnswererAsync($"{version}")).ShouldBe(version);
        _host.Versions("m").ShouldBe(["1", "2", "3"]);
        _host.Loaded("m", "").Count.ShouldBe(3);
        _host.Loaded("m", "3").ShouldHaveSingleItem().Version.Version.ShouldBe(3);
    }

    [Fact]
    public async Task Serve_AnotherOrder_KeepsWhoStaysAndDrainsWhoGoes()
    {
        await ServeAsync(1, 2);
        using var stays = await _host.AcquireAsync("m", "2", "", Cancel);
        using var goes = await _host.AcquireAsync("m", "1", "", Cancel);

        var outcomes = await ServeAsync(3, 2);

        outcomes.Select(outcome => (outcome.Status.Version.Version, outcome.IsNew)).ShouldBe([(3, true), (2, false)]);
        stays.Served.Status.State.ShouldBe(ModelState.Ready);
        goes.Served.Status.State.ShouldBe(ModelState.Draining);
        _host.Statuses.Select(status => (status.Version.Version, status.State))
            .ShouldBe([(1, ModelState.Draining), (2, ModelState.Ready), (3, ModelState.Ready)]);
        (await Should.ThrowAsync<Fault>(async () => await _host.AcquireAsync("m", "1", "", Cancel))).Message
            .ShouldBe("model_version: model 'm' has no version '1' loaded; loaded: 2, 3");
    }

    [Fact]
    public async Task Serve_OneOfTheOthersFails_IsItsOwnAffair()
    {
        var outcomes = await _host.ServeAsync(Order(1, 2, 3), Source(failing: 2), Cancel);

        outcomes.Select(outcome => outcome.Failure is null).ShouldBe([true, false, true]);
        (await AnswererAsync("3")).ShouldBe(3);
        var fault = await Should.ThrowAsync<Fault>(async () => await _host.AcquireAsync("m", "2", "", Cancel));
        fault.Kind.ShouldBe(FaultKind.Unavailable);
        _host.Versions("m").ShouldBe(["1", "3"]);
        _host.IsReady.ShouldBeTrue();
    }

    [Fact]
    public async Task Serve_TheChampionFails_TheOneBeforeGoesOnAndTheOthersChange()
    {
        await ServeAsync(1, 2);

        await _host.ServeAsync(Order(3, 4), Source(failing: 3), Cancel);

        (await AnswererAsync("")).ShouldBe(1);
        (await AnswererAsync("4")).ShouldBe(4);
        _host.Statuses.Select(status => (status.Version.Version, status.State))
            .ShouldBe([(1, ModelState.Ready), (3, ModelState.Failed), (4, ModelState.Ready)]);
        // Later it can be loaded.
        await ServeAsync(3, 4);
        (await AnswererAsync("")).ShouldBe(3);
        _host.Statuses.Select(status => status.Version.Version).ShouldBe([3, 4]);
    }

    /// <summary>A client maps rows by the metadata that it knows: another version's answer may be believed only where it takes the same.</summary>
    [Fact]
    public async Task Describe_VersionsThatTakeOthers_ListsThoseAloneThatTakeTheSame()
    {
        var other = Models.NamedColumns().ToByteArray();
        await _host.ServeAsync(
            Order(1, 2) with { Others = [Version(2), InferenceServer.Version("m", other, 3)] },
            (version, _) => Task.FromResult(version.Version == 3 ? other : Bytes(version.Version)), Cancel);
        var plane = new DataPlane(_host, Options.Create(new InferenceOptions()), NullLogger<DataPlane>.Instance);

        (await plane.DescribeAsync("m", "", Cancel)).Versions.ShouldBe(["1", "2"]);
        (await plane.DescribeAsync("m", "3", Cancel)).Versions.ShouldBe(["3"]);
        _host.Versions("m").ShouldBe(["1", "2", "3"]);
    }

    [Theory]
    [InlineData(VersionPolicy.Latest, 1, new int[0], new[] { 5 })]
    [InlineData(VersionPolicy.Latest, 2, new int[0], new[] { 5, 2 })]
    [InlineData(VersionPolicy.Latest, 9, new int[0], new[] { 5, 2, 4 })]
    [InlineData(VersionPolicy.All, 1, new int[0], new[] { 5, 2, 4 })]
    [InlineData(VersionPolicy.Specific, 1, new[] { 4, 2, 7 }, new[] { 2, 4 })]
    public void Choice_ByPolicy_IsAmongThoseThatWereChampions(VersionPolicy policy, int count, int[] numbers, int[] expected) =>
        VersionChoice.Of(new[] { 5, 2, 5, 4, 2 }.Select(Version), new VersionOptions { Policy = policy, Count = count, Numbers = numbers })
            .Select(version => version.Version).ShouldBe(expected);

    [Theory]
    [InlineData("Versions:Policy", "Newest")]
    [InlineData("Versions:Count", "0")]
    [InlineData("Versions:Numbers:0", "1")]
    [InlineData("Models:m:Versions:Policy", "Specific")]
    [InlineData("MemoryBudgetMiB", "-1")]
    public async Task Options_OutOfRange_StopTheStart(string setting, string value) =>
        await Should.ThrowAsync<Exception>(() => InferenceServer.StartAsync(null, (setting, value)));

    private static ServedVersion Version(int version) => InferenceServer.Version("m", Bytes(version), version);

    private static byte[] Bytes(int version) => Models.Add(version).ToByteArray();

    private static ModelOrder Order(int champion, params int[] others) => new() { Champion = Version(champion), Others = [.. others.Select(Version)] };

    private static ModelSource Source(int failing = 0) => (version, _) =>
        version.Version == failing ? Task.FromException<byte[]>(new IOException("away")) : Task.FromResult(Bytes(version.Version));

    private Task<IReadOnlyList<LoadOutcome>> ServeAsync(int champion, params int[] others) => _host.ServeAsync(Order(champion, others), Source(), Cancel);

    private async Task<int> AnswererAsync(string version)
    {
        using var handle = await _host.AcquireAsync("m", version, "", Cancel);
        return handle.Served.Version.Version;
    }
}
