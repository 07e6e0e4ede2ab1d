using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mlops.Client;
using Mlops.Inference.Admission;
using Mlops.Protos;
using Mlops.Testing;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Inference.Requests;

namespace Mlops.UnitTests.Inference;

/// <summary>More requests than are let in: refused at once, with a hint when to come again, and nobody else suffers.</summary>
public sealed class AdmissionTests
{
    private const string Caller = "x-caller";
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(5, 10, 0, 4, 0)]
    [InlineData(0.5, 10, 0, 0.5, 0.05)]
    [InlineData(0, 2, 0.25, 0.5, 0.25)]
    [InlineData(0, 2, 0.5, 0, 0)]
    [InlineData(3, 100, 60, 4, 0)]
    public void Bucket_AtSomeTime_FillsEvenlyUpToItsBurst(double tokens, double rate, double later, double left, double wait)
    {
        var (bucket, waits) = new TokenBucket(tokens, 100).Take(rate, 5, 100 + later);
        bucket.Tokens.ShouldBe(left, 1e-9);
        waits.TotalSeconds.ShouldBe(wait, 1e-9);
    }

    [Fact]
    public async Task Rate_BeyondTheBurst_IsRefusedWithTheTimeUntilThereIsRoom()
    {
        await using var server = await StartAsync(("Admission:PerCaller:RequestsPerSecond", "0.5"), ("Admission:PerCaller:Burst", "2"));
        for (var asked = 0; asked < 2; asked++)
            await AskAsync(server, "ada");

        var refused = await Should.ThrowAsync<RpcException>(() => AskAsync(server, "ada"));
        (refused.StatusCode, refused.Status.Detail).ShouldBe((StatusCode.ResourceExhausted, "this caller has sent more than 0.5 requests a second"));
        refused.Trailers.GetValue("grpc-retry-pushback-ms").ShouldBe("2000");
        Protos.Rpc.Status.Parser.ParseFrom(refused.Trailers.GetValueBytes("grpc-status-details-bin")).Details.ShouldHaveSingleItem()
            .Unpack<Protos.Rpc.RetryInfo>().RetryDelay.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(2));
        // Others have a rate of their own, and who only looks is none of them.
        await AskAsync(server, "grace");
        await server.Client.ModelMetadataAsync(new ModelMetadataRequest { Name = "m" }, cancellationToken: Stop);

        _time.Advance(TimeSpan.FromSeconds(2));
        await AskAsync(server, "ada");
        await Should.ThrowAsync<RpcException>(() => AskAsync(server, "ada"));
    }

    [Fact]
    public async Task Rate_OverRest_IsRefusedTheSame()
    {
        await using var server = await StartAsync(("Admission:PerCaller:RequestsPerSecond", "0.1"), ("Admission:PerCaller:Burst", "1"));
        (await PostAsync(server)).Status.ShouldBe(HttpStatusCode.OK);

        var (status, retryAfter, text) = await PostAsync(server);

        (status, retryAfter, text).ShouldBe((HttpStatusCode.TooManyRequests, "10", """{"error":"this caller has sent more than 0.1 requests a second"}"""));
    }

    [Fact]
    public async Task Rate_OfAStream_CountsItsMessages()
    {
        await using var server = await StartAsync(("Admission:PerCaller:RequestsPerSecond", "0.1"), ("Admission:PerCaller:Burst", "2"));
        using var call = server.Client.ModelStreamInfer(Headers("ada"), cancellationToken: Stop);
        for (var asked = 0; asked < 4; asked++)
            await call.RequestStream.WriteAsync(Request(), Stop);
        await call.RequestStream.CompleteAsync();

        var answers = new List<string>();
        await foreach (var answer in call.ResponseStream.ReadAllAsync(Stop))
            answers.Add(answer.ErrorMessage);
        answers.ShouldBe(["", "", "this caller has sent more than 0.1 requests a second", "this caller has sent more than 0.1 requests a second"]);
    }

    [Fact]
    public async Task Concurrency_OfACallerAndOfAll_IsLimitedAndComesBack()
    {
        await using var server = await StartAsync(("Admission:PerCaller:MaxConcurrentRequests", "1"), ("Admission:MaxConcurrentRequests", "2"), ("MemoryBudgetMiB", "2"));
        using var shed = new Shed();
        var held = await HeldModels.OfAsync(server, "first", "second");

        var asked = new List<Task> { AskAsync(server, "ada", "first") };
        await held.AskedAsync("first");
        (await RefusalAsync(server, "ada")).ShouldBe("1 requests of this caller are under way, as many as may be");
        asked.Add(AskAsync(server, "grace", "second"));
        await held.AskedAsync("second");
        (await RefusalAsync(server, "edsger")).ShouldBe("2 requests are under way here, as many as may be");

        held.LetGo();
        await Task.WhenAll(asked);
        await AskAsync(server, "ada", "first");
        shed.Limits.Keys.Order().ShouldBe(["caller-concurrency", "server-concurrency"]);
    }

    [Fact]
    public async Task Rate_OfOurOwnClient_IsKeptByWaiting()
    {
        await using var server = await StartAsync(TimeProvider.System, ("Admission:PerCaller:RequestsPerSecond", "50"), ("Admission:PerCaller:Burst", "1"));
        using var client = new InferenceClient(server.Address);
        await client.GetMetadataAsync("m", cancellationToken: Stop);
        for (var asked = 0; asked < 10; asked++)
            (await client.PredictAsync("m", [[1, 2]], cancellationToken: Stop)).ModelVersion.ShouldBe("1");
    }

    [Theory]
    [InlineData("Admission:MaxConcurrentRequests", "-1")]
    [InlineData("Admission:PerCaller:RequestsPerSecond", "-0.5")]
    [InlineData("Admission:DrainDelaySeconds", "601")]
    public async Task Options_OutOfRange_StopTheStart(string setting, string value) =>
        await Should.ThrowAsync<Exception>(() => InferenceServer.StartAsync(null, (setting, value)));

    [Fact]
    public async Task End_IsAnnouncedAndWhatIsAskedMeanwhileAnswered()
    {
        await using var server = await StartAsync(("Admission:DrainDelaySeconds", "2"));
        var stopping = server.StopAsync();
        await Servers.UntilAsync(async () => !(await server.Client.ServerReadyAsync(new ServerReadyRequest(), cancellationToken: Stop)).Ready, TimeSpan.FromSeconds(30), "the end's announcement");
        (await server.Http.GetAsync("/v2/health/ready", Stop)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        for (var asked = 0; asked < 20; asked++)
            await AskAsync(server, "ada");
        stopping.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));
        await stopping;
    }

    [Fact]
    public async Task End_WhileRequestsAreUnderWay_WaitsForTheirAnswers()
    {
        await using var server = await StartAsync(TimeProvider.System, ("MemoryBudgetMiB", "1"));
        using var underWay = new UnderWay(server);
        var held = await HeldModels.OfAsync(server, "held");
        List<Task> asked = [.. Enumerable.Range(0, 8).Select(_ => AskAsync(server, "ada", "held"))];
        var posted = PostAsync(server, "held");
        // A connection on which nothing has come yet is closed at once.
        await Servers.UntilAsync(() => Task.FromResult(underWay.Requests == 9), TimeSpan.FromSeconds(30), "the requests' arrival");

        var stopping = server.StopAsync();
        // The server has told its connections that it leaves.
        await Should.ThrowAsync<Exception>(async () =>
        {
            while (true)
                await new HttpClient { BaseAddress = server.Http.BaseAddress }.GetAsync("/v2/health/live", Stop);
        });
        held.LetGo();

        await Task.WhenAll(asked);
        (await posted).Status.ShouldBe(HttpStatusCode.OK);
        await stopping;
    }

    private Task<InferenceServer> StartAsync(params (string Key, string? Value)[] settings) => StartAsync(_time, settings);

    private static async Task<InferenceServer> StartAsync(TimeProvider time, params (string Key, string? Value)[] settings)
    {
        var server = await InferenceServer.StartAsync(services => services.AddSingleton(time), [("Admission:CallerHeader", Caller), .. settings]);
        await server.ServeAsync("m", Models.Add(1));
        return server;
    }

    private static async Task<string> RefusalAsync(InferenceServer server, string caller)
    {
        var refused = await Should.ThrowAsync<RpcException>(() => AskAsync(server, caller));
        refused.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        return refused.Status.Detail;
    }

    private static ModelInferRequest Request(string model = "m") => To(model, Floats("x", [1, 2], 1, 2));

    private static Metadata Headers(string caller) => new() { { Caller, caller } };

    private static async Task AskAsync(InferenceServer server, string caller, string model = "m") => await server.Client.ModelInferAsync(Request(model), Headers(caller), cancellationToken: Stop);

    private static async Task<(HttpStatusCode Status, string? RetryAfter, string Text)> PostAsync(InferenceServer server, string model = "m")
    {
        using var content = new StringContent("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""", Encoding.UTF8, "application/json");
        using var response = await server.Http.PostAsync($"/v2/models/{model}/infer", content, Stop);
        return (response.StatusCode, response.Headers.RetryAfter?.Delta?.TotalSeconds.ToString(CultureInfo.InvariantCulture), await response.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>Models that had to leave memory: who asks for one waits until their bytes are let go.</summary>
    private sealed class HeldModels
    {
        private const long Half = 1 << 19;
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _asked = new();
        private readonly TaskCompletionSource _go = new();

        public static async Task<HeldModels> OfAsync(InferenceServer server, params string[] names)
        {
            var (held, bytes) = (new HeldModels(), Models.Add(1).ToByteArray());
            foreach (var name in names)
                await InferenceServer.LoadAsync(server.Host, InferenceServer.Version(name, bytes) with { Bytes = Half }, async _ =>
                {
                    // The first time is the order's.
                    if (!held._asked.TryAdd(name, new TaskCompletionSource()))
                    {
                        held._asked[name].TrySetResult();
                        await held._go.Task;
                    }

                    return bytes;
                });
            foreach (var name in names)
                await InferenceServer.LoadAsync(server.Host, InferenceServer.Version($"instead-of-{name}", bytes) with { Bytes = Half }, _ => Task.FromResult(bytes));
            return held;
        }

        /// <summary>Done when a request for it has been let in, and waits.</summary>
        public Task AskedAsync(string name) => _asked[name].Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void LetGo() => _go.SetResult();
    }

    /// <summary>Counts the requests that have come to one server and have no answer yet.</summary>
    private sealed class UnderWay : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _requests;

        public UnderWay(InferenceServer server)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "http.server.active_requests" && instrument.Meter.Scope == server.Meters)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref _requests, change));
            _listener.Start();
        }

        public long Requests => Interlocked.Read(ref _requests);

        public void Dispose() => _listener.Dispose();
    }

    /// <summary>Listens to what is counted as shed.</summary>
    private sealed class Shed : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Shed()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "mlops.inference.shed")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Limits.TryAdd((string)tags[0].Value!, true));
            _listener.Start();
        }

        public ConcurrentDictionary<string, bool> Limits { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
