using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Inference;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

public sealed class ModelHostTests : IDisposable
{
    private static readonly InferenceRequest Request = new() { Model = "m", Inputs = [new InputTensor("x", "FP32", [1, 2], Requests.Bytes(1f, 2f))] };

    private readonly ModelHost _host = new(Options.Create(new InferenceOptions()), TimeProvider.System, NullLogger<ModelHost>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Load_NewVersion_TakesTheNameOver()
    {
        (await ServeAsync(Models.Add(1), 1)).State.ShouldBe(ModelState.Ready);
        (await ServeAsync(Models.Add(2), 2)).State.ShouldBe(ModelState.Ready);

        using var current = Taken();
        current.Served.Number.ShouldBe("2");
        Run(current).ShouldBe([3, 4]);
        (await NoHandleAsync("m", "1")).Kind.ShouldBe(FaultKind.NotFound);
        _host.Statuses.Select(status => (status.Version.Number, status.State)).ShouldBe([("2", ModelState.Ready)]);
    }

    [Fact]
    public async Task Load_WhileTheOldIsHeld_LeavesItToItsHolder()
    {
        await ServeAsync(Models.Add(1), 1);
        var held = Taken();
        await ServeAsync(Models.Add(2), 2);

        held.Served.Status.State.ShouldBe(ModelState.Draining);
        Run(held).ShouldBe([2, 3]);
        held.Dispose();
        held.Dispose();
        held.Served.Status.State.ShouldBe(ModelState.Unloaded);
        Should.Throw<InvalidOperationException>(() => held.Model);
        Run(Taken()).ShouldBe([3, 4]);
    }

    [Fact]
    public async Task Load_OtherBytesThanTheDigest_IsRefusedAndTheOldServesOn()
    {
        await ServeAsync(Models.Add(1), 1);
        var bytes = Models.Add(2).ToByteArray();
        var version = InferenceServer.Version("m", bytes, 2);
        bytes[^1] ^= 1;

        var fault = await Should.ThrowAsync<Fault>(() => InferenceServer.LoadAsync(_host, version, _ => Task.FromResult(bytes)));

        fault.Kind.ShouldBe(FaultKind.Corrupt);
        fault.Message.ShouldStartWith("digest: the bytes of m version 2 have SHA-256 ");
        fault.Message.ShouldEndWith($"; expected {version.Digest}");
        await AssertFirstServesAndSecondFailedAsync(fault.Message);
    }

    [Fact]
    public async Task Load_NotOnnx_IsRefusedAndTheOldServesOn()
    {
        await ServeAsync(Models.Add(1), 1);
        var junk = Encoding.UTF8.GetBytes("not a model at all");

        var fault = await Should.ThrowAsync<Fault>(() => InferenceServer.LoadAsync(_host, InferenceServer.Version("m", junk, 2), _ => Task.FromResult(junk)));

        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Message.ShouldStartWith("model: ONNX Runtime does not load it: ");
        await AssertFirstServesAndSecondFailedAsync(fault.Message);
    }

    [Fact]
    public async Task Load_CannotRunARow_IsRefusedAndTheOldServesOn()
    {
        await ServeAsync(Models.Add(1), 1);

        var fault = await Should.ThrowAsync<Fault>(() => ServeAsync(Models.CannotRun(), 2));

        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Message.ShouldStartWith("the model cannot run a row of zeros: ");
        await AssertFirstServesAndSecondFailedAsync(fault.Message);
    }

    [Fact]
    public async Task Load_NoRowCanBeMade_Serves() => (await ServeAsync(Models.NeedsNine(), 1)).State.ShouldBe(ModelState.Ready);

    [Fact]
    public async Task Load_BytesCannotBeFetched_SaysSoAndPassesItOn()
    {
        var version = InferenceServer.Version("m", [], 1);

        await Should.ThrowAsync<IOException>(() => InferenceServer.LoadAsync(_host, version, _ => Task.FromException<byte[]>(new IOException("/secret/path"))));

        _host.Statuses.ShouldHaveSingleItem().Reason.ShouldBe("its bytes could not be read (IOException)");
        (await NoHandleAsync("m")).Message.ShouldBe("model_version: version 1 of model 'm' could not be loaded");
    }

    [Fact]
    public async Task Load_AfterAFailure_ForgetsTheFailure()
    {
        await Should.ThrowAsync<Fault>(() => ServeAsync(Models.CannotRun(), 1));
        await ServeAsync(Models.Add(1), 1);
        _host.Statuses.ShouldHaveSingleItem().State.ShouldBe(ModelState.Ready);
    }

    [Fact]
    public async Task Load_TheVersionThatServes_FetchesNothing()
    {
        await ServeAsync(Models.Add(1), 1);
        var version = InferenceServer.Version("m", Models.Add(1).ToByteArray());

        var status = await InferenceServer.LoadAsync(_host, version, _ => throw new InvalidOperationException("fetched again"));

        status.State.ShouldBe(ModelState.Ready);
    }

    [Theory]
    [InlineData("m", 1, "abc", "digest: 'abc' is not a digest; accepted: 64 hexadecimal digits of a SHA-256")]
    [InlineData("m", 0, null, "model_version: 0 is not a version; accepted: 1 or more")]
    [InlineData("../m", 1, null, "model_name: '../m' is not a name; accepted: 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit")]
    public async Task Load_WhatCannotBeAVersion_IsRefused(string model, int number, string? digest, string message)
    {
        var version = InferenceServer.Version(model, [], number);
        var fault = await Should.ThrowAsync<Fault>(() => InferenceServer.LoadAsync(_host, version with { Digest = digest ?? version.Digest }, _ => Task.FromResult(Array.Empty<byte>())));
        fault.Message.ShouldBe(message);
        _host.Statuses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Acquire_WhileTheFirstVersionLoads_IsUnavailable()
    {
        var bytes = Models.Add(1).ToByteArray();
        var arrival = new TaskCompletionSource<byte[]>();
        var load = InferenceServer.LoadAsync(_host, InferenceServer.Version("m", bytes), _ => arrival.Task);

        var fault = await NoHandleAsync("m");

        fault.Kind.ShouldBe(FaultKind.Unavailable);
        fault.Message.ShouldBe("model_version: version 1 of model 'm' is still loading");
        _host.IsReady.ShouldBeFalse();
        _host.Answers("m").ShouldBeFalse();
        arrival.SetResult(bytes);
        await load;
        _host.IsReady.ShouldBeTrue();
        _host.Answers("m").ShouldBeTrue();
    }

    [Fact]
    public async Task Acquire_WhileTheNextVersionLoads_GivesTheOneBefore()
    {
        await ServeAsync(Models.Add(1), 1);
        var bytes = Models.Add(2).ToByteArray();
        var arrival = new TaskCompletionSource<byte[]>();
        var load = InferenceServer.LoadAsync(_host, InferenceServer.Version("m", bytes, 2), _ => arrival.Task);

        Run(Taken()).ShouldBe([2, 3]);
        _host.IsReady.ShouldBeTrue();
        (await NoHandleAsync("m", "2")).Kind.ShouldBe(FaultKind.Unavailable);
        arrival.SetResult(bytes);
        await load;
    }

    [Fact]
    public async Task Acquire_UnknownModel_IsNotFound()
    {
        var fault = await NoHandleAsync("nobody");
        fault.Kind.ShouldBe(FaultKind.NotFound);
        fault.Message.ShouldBe("model_name: there is no model 'nobody'");
    }

    [Fact]
    public async Task Dispose_WhileAModelIsHeld_DrainsItAndTakesNoMore()
    {
        await ServeAsync(Models.Add(1), 1);
        var held = Taken();
        _host.Dispose();

        (await NoHandleAsync("m")).Kind.ShouldBe(FaultKind.Unavailable);
        (await Should.ThrowAsync<Fault>(() => ServeAsync(Models.Add(2), 2))).Kind.ShouldBe(FaultKind.Unavailable);
        Run(held).ShouldBe([2, 3]);
        held.Dispose();
        held.Served.Status.State.ShouldBe(ModelState.Unloaded);
        _host.IsReady.ShouldBeFalse();
    }

    [Fact]
    public async Task Acquire_FromManyThreads_CountsEveryHandle()
    {
        await ServeAsync(Models.Add(1), 1);
        var first = Taken();
        // One handle miscounted, and the model is disposed under its holder or never.
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, _ =>
        {
            for (var taken = 0; taken < 100_000; taken++)
                Taken().Dispose();
        });

        first.Served.Status.State.ShouldBe(ModelState.Ready);
        await ServeAsync(Models.Add(2), 2);
        first.Served.Status.State.ShouldBe(ModelState.Draining);
        first.Dispose();
        first.Served.Status.State.ShouldBe(ModelState.Unloaded);
    }

    [Fact]
    public async Task Swap_UnderManyThreads_FailsNoRequestAndDisposesEveryOldSession()
    {
        const int Versions = 60;
        var seen = new ConcurrentDictionary<ServedModel, bool>();
        using var stop = new CancellationTokenSource();
        await ServeAsync(Models.Add(1), 1);
        var answered = 0;
        var callers = Enumerable.Range(0, 6).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var handle = Taken();
                seen.TryAdd(handle.Served, true);
                // The answer names the version that gave it: no caller gets another version's session, or a disposed one.
                Run(handle).ShouldBe([1 + handle.Served.Version.Version, 2 + handle.Served.Version.Version]);
                Interlocked.Increment(ref answered);
            }
        }, Cancel)).ToArray();

        for (var version = 2; version <= Versions; version++)
            await ServeAsync(Models.Add(version), version);
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        answered.ShouldBeGreaterThan(Versions);
        seen.Keys.Where(model => model.Number != $"{Versions}").ShouldAllBe(model => model.Status.State == ModelState.Unloaded);
        _host.Statuses.ShouldHaveSingleItem().Version.Version.ShouldBe(Versions);
    }

    private Task<Fault> NoHandleAsync(string name, string version = "") => Should.ThrowAsync<Fault>(async () => await _host.AcquireAsync(name, version, "", Cancel));

    /// <summary>A handle of a version that is in memory, for which nobody waits.</summary>
    private ModelHandle Taken()
    {
        var taking = _host.AcquireAsync("m", "", "", Cancel).AsTask();
        taking.IsCompletedSuccessfully.ShouldBeTrue("a handle had to be waited for");
        return taking.Result;
    }

    private static float[] Run(ModelHandle handle) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(handle.Model.Run(new CheckedRequest(Request.Inputs, handle.Model.AllOutputs, 1, IsEmpty: false)).Outputs[0].Contents.Span).ToArray();

    private async Task AssertFirstServesAndSecondFailedAsync(string reason)
    {
        Run(Taken()).ShouldBe([2, 3]);
        _host.Statuses.Select(status => (status.Version.Version, status.State, status.Reason))
            .ShouldBe([(1, ModelState.Ready, null), (2, ModelState.Failed, reason)]);
    }

    private Task<ModelStatus> ServeAsync(ModelProto model, int version) => InferenceServer.ServeAsync(_host, "m", model, version);
}
