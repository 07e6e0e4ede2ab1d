using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mlops.Client;
using Mlops.Inference;
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
        await using var server = await StartAsync(("Admission:PerCaller:MaxConcurrentRequests", "1"), ("Admission:MaxConcurrentRequests", "2"), ("MemoryBudgetMiB", "1"));
        using var shed = new Shed();
        var arrival = await HoldAsync(server);

        var held = new List<Task> { AskAsync(server, "ada") };
        await UntilRefusedAsync(server, "ada", "1 requests of this caller are under way, as many as may be");
        held.Add(AskAsync(server, "grace"));
        await UntilRefusedAsync(server, "edsger", "2 requests are under way here, as many as may be");

        arrival.SetResult();
        await Task.WhenAll(held);
        await AskAsync(server, "ada");
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
        await using var server = await StartAsync(TimeProvider.System, ("Admission:DrainDelaySeconds", "2"));
        var stopping = server.StopAsync();
        await Servers.UntilAsync(async () => !(await server.Client.ServerReadyAsync(new ServerReadyRequest(), cancellationToken: Stop)).Ready, TimeSpan.FromSeconds(2), "the end's announcement");
        (await server.Http.GetAsync("/v2/health/ready", Stop)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        for (var asked = 0; asked < 20; asked++)
            await AskAsync(server, "ada");
        stopping.IsCompleted.ShouldBeFalse();
        await stopping;
    }

    [Fact]
    public async Task End_WhileRequestsAreUnderWay_WaitsForTheirAnswers()
    {
        await using var server = await StartAsync(TimeProvider.System, ("MemoryBudgetMiB", "1"));
        var arrival = await HoldAsync(server);
        List<Task> held = [.. Enumerable.Range(0, 8).Select(_ => AskAsync(server, "ada"))];
        var posted = PostAsync(server);
        await Servers.UntilAsync(() => Task.FromResult(server.Host.Statuses.Any(status => status is { Version.Model: "m", State: ModelState.Loading })), TimeSpan.FromSeconds(10), "the requests");

        var stopping = server.StopAsync();
        // The server has told its connections that it leaves.
        await Should.ThrowAsync<Exception>(async () =>
        {
            while (true)
                await new HttpClient { BaseAddress = server.Http.BaseAddress }.GetAsync("/v2/health/live", Stop);
        });
        arrival.SetResult();

        await Task.WhenAll(held);
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

    /// <summary>Sends the model out of memory, so that requests for it wait until its bytes arrive.</summary>
    private static async Task<TaskCompletionSource> HoldAsync(InferenceServer server)
    {
        var (arrival, bytes, mebibyte) = (new TaskCompletionSource(), Models.Add(1).ToByteArray(), 1 << 20);
        var first = true;
        await server.Host.ServeAsync(new ModelOrder { Champion = InferenceServer.Version("m", bytes, 2) with { Bytes = mebibyte / 2 } }, async (_, _) =>
        {
            if (!first)
                await arrival.Task;
            first = false;
            return bytes;
        }, Stop);
        await InferenceServer.LoadAsync(server.Host, InferenceServer.Version("other", bytes) with { Bytes = mebibyte / 2 }, _ => Task.FromResult(bytes));
        return arrival;
    }

    private static async Task UntilRefusedAsync(InferenceServer server, string caller, string reason)
    {
        // Those before it are on their way.
        await Servers.UntilAsync(async () =>
        {
            using var call = server.Client.ModelInferAsync(Request(), Headers(caller), TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1), Stop);
            try
            {
                await call;
                return false;
            }
            catch (RpcException refused)
            {
                return refused.StatusCode == StatusCode.ResourceExhausted && refused.Status.Detail == reason;
            }
        }, TimeSpan.FromSeconds(10), reason);
    }

    private static ModelInferRequest Request() => To("m", Floats("x", [1, 2], 1, 2));

    private static Metadata Headers(string caller) => new() { { Caller, caller } };

    private static async Task AskAsync(InferenceServer server, string caller) => await server.Client.ModelInferAsync(Request(), Headers(caller), cancellationToken: Stop);

    private static async Task<(HttpStatusCode Status, string? RetryAfter, string Text)> PostAsync(InferenceServer server)
    {
        using var content = new StringContent("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""", Encoding.UTF8, "application/json");
        using var response = await server.Http.PostAsync("/v2/models/m/infer", content, Stop);
        return (response.StatusCode, response.Headers.RetryAfter?.Delta?.TotalSeconds.ToString(CultureInfo.InvariantCulture), await response.Content.ReadAsStringAsync(Stop));
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

        public System.Collections.Concurrent.ConcurrentDictionary<string, bool> Limits { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
