using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Mlops.Client;
using Mlops.UnitTests.Inference;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Client.Scripts;

namespace Mlops.UnitTests.Client;

/// <summary>Several servers behind one client, of which some die.</summary>
public sealed class ReplicaTests
{
    private const int Workers = 16;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_OverTwoReplicas_GoRound()
    {
        await using var one = await ReplicaAsync("1");
        await using var two = await ReplicaAsync("2");
        using var client = Client(one.Address, two.Address);

        // Until the second connection is made, the first replica answers alone.
        while (two.Requests.IsEmpty || one.Requests.IsEmpty)
            await AskAsync(client);
        var (before1, before2) = (one.Requests.Count, two.Requests.Count);
        for (var call = 0; call < 20; call++)
            await AskAsync(client);

        (one.Requests.Count - before1, two.Requests.Count - before2).ShouldBe((10, 10));
    }

    [Fact]
    public async Task Replica_ThatIsKilledUnderLoad_LosesNoRequest()
    {
        await using var one = await ReplicaAsync("1");
        await using var two = await ReplicaAsync("2");
        using var client = Client(one.Address, two.Address);

        var answers = await UnderLoadAsync(() => AskAsync(client), one.DieAsync);

        answers.ShouldContain("1");
        answers.TakeLast(20).ShouldAllBe(version => version == "2");
    }

    [Fact]
    public async Task Server_ThatIsStoppedUnderLoad_LosesNoRequest()
    {
        await using var one = await InferenceServer.StartAsync();
        await using var two = await InferenceServer.StartAsync();
        await one.ServeAsync("classifier", Models.Classifier(), 1);
        await two.ServeAsync("classifier", Models.Classifier(), 2);
        using var client = Client(one.Address.OriginalString, two.Address.OriginalString);

        var answers = await UnderLoadAsync(async () =>
        {
            var answer = await client.PredictAsync<Numbers, Answered>("classifier", new Numbers(6, 7), cancellationToken: Cancel);
            answer.Label.ShouldBe("big");
            return answer.ModelVersion;
        }, one.StopAsync);

        answers.ShouldContain("1");
        answers.TakeLast(20).ShouldAllBe(version => version == "2");
    }

    [Fact]
    public async Task Replica_ThatIsUnavailable_IsAskedElsewhere()
    {
        await using var one = await ReplicaAsync("1");
        await using var two = await ReplicaAsync("2");
        using var client = Client(one.Address, two.Address);
        one.Infer = (_, _) => throw Failure(StatusCode.Unavailable, "shutting down");

        for (var call = 0; call < 20; call++)
            (await AskAsync(client)).ShouldBe("2");
    }

    [Fact]
    public async Task Replica_ThatFallsSilent_IsNoticedAndAskedElsewhere()
    {
        // Takes one connection, says nothing on it and can then not be reached: a machine whose network is gone.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var connection = silent.AcceptSocketAsync(Cancel);
        await using var here = await ReplicaAsync("1");
        using var client = Client([$"http://{silent.LocalEndpoint}", here.Address], options => (options.KeepAliveDelay, options.KeepAliveTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));

        var answers = Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => AskAsync(client)));
        using var held = await connection;
        silent.Stop();

        (await answers).ShouldAllBe(version => version == "1");
    }

    [Fact]
    public async Task Replica_OfADnsName_IsFound()
    {
        await using var server = await ReplicaAsync("1");
        using var client = Client($"dns:///localhost:{new Uri(server.Address).Port}");
        (await AskAsync(client)).ShouldBe("1");
    }

    [Fact]
    public async Task Replica_ThatIsNotThereYet_IsFoundWhenItIs()
    {
        await using var gone = await ReplicaAsync("0");
        await gone.DieAsync();
        await using var here = await ReplicaAsync("1");
        using var client = Client(gone.Address, here.Address);

        for (var call = 0; call < 10; call++)
            (await AskAsync(client)).ShouldBe("1");
    }

    /// <summary>Asks on many threads at once, has something happen in the midst, and goes on until plenty was answered after it.</summary>
    private static async Task<IReadOnlyCollection<string>> UnderLoadAsync(Func<Task<string>> ask, Func<Task> happening)
    {
        var answers = new ConcurrentQueue<string>();
        var midst = new TaskCompletionSource();
        var enough = int.MaxValue;
        var workers = Enumerable.Range(0, Workers).Select(async _ =>
        {
            while (answers.Count < Volatile.Read(ref enough))
            {
                answers.Enqueue(await ask());
                if (answers.Count >= 200)
                    midst.TrySetResult();
            }
        }).ToList();

        await Task.WhenAny(midst.Task, Task.WhenAll(workers));
        await happening();
        Volatile.Write(ref enough, answers.Count + 200);
        await Task.WhenAll(workers);
        return answers;
    }

    private static async Task<ScriptedServer> ReplicaAsync(string version)
    {
        var server = await ScriptedServer.StartAsync();
        server.Metadata = Model(version, Tensor("a", "FP32", [-1, 1]), Tensor("b", "FP32", [-1, 1]));
        server.Infer = async (_, _) =>
        {
            // Calls are under way when their server dies.
            await Task.Yield();
            return Answer(version, 7);
        };
        return server;
    }

    private static async Task<string> AskAsync(InferenceClient client)
    {
        var answer = await client.PredictAsync<Numbers, Valued>("m", new Numbers(1, 2), cancellationToken: Cancel);
        answer.Value.ShouldBe(7);
        return answer.ModelVersion;
    }

    private static InferenceClient Client(params string[] addresses) => Client(addresses, _ => { });

    private static InferenceClient Client(string[] addresses, Action<InferenceClientOptions> configure)
    {
        var options = new InferenceClientOptions();
        foreach (var address in addresses)
            options.Addresses.Add(address);
        configure(options);
        return new InferenceClient(options);
    }

    private sealed record Numbers(float A, float B);

    private sealed record Valued(float Value, string ModelVersion);

    private sealed record Answered(string Label, string ModelVersion);
}
