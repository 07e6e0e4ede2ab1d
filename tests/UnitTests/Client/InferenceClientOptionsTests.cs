using Grpc.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Mlops.Client;
using Mlops.UnitTests.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Client;

public sealed class InferenceClientOptionsTests
{
    private const string Accepted = "accepted: http://host:port or https://host:port for each replica, all with the same scheme, or one dns:///name:port";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_WithEverythingWrong_DoesNotStartAndTellsItAll()
    {
        using var host = Host(
        [
            new("Addresses:0", "inference:8001"), new("Addresses:1", "http://a:8001/v2"), new("Addresses:2", "http://b:8001"), new("Addresses:3", "https://c:8001"),
            new("DnsRefresh", "00:00:00"), new("Deadline", "02:00:00"), new("MaxAttempts", "0"), new("InitialBackoff", "00:00:01"), new("MaxBackoff", "00:00:00.5"),
            new("MaxMessageBytes", "0"), new("ConnectTimeout", "00:00:00"), new("KeepAliveDelay", "00:00:00.5"), new("KeepAliveTimeout", "01:00:00"),
            new("Columns:iris:0", "a"), new("Columns:iris:1", "a"),
        ], options => options.CallCredentials = CallCredentials.FromInterceptor((_, _) => Task.CompletedTask));

        var failure = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync(Cancel));

        failure.Failures.ShouldBe(
        [
            $"InferenceClient:Addresses: 'inference:8001' is no address of a server; {Accepted}",
            $"InferenceClient:Addresses: 'http://a:8001/v2' is no address of a server; {Accepted}",
            $"InferenceClient:Addresses: their schemes differ; {Accepted}",
            "InferenceClient:DnsRefresh: 00:00:01 to 01:00:00 is accepted, got 00:00:00",
            "InferenceClient:Deadline: 00:00:00.0010000 to 01:00:00 is accepted, got 02:00:00",
            "InferenceClient:MaxAttempts: 1 to 20 is accepted, got 0",
            "InferenceClient:MaxBackoff: 00:00:01 to 00:10:00 is accepted, got 00:00:00.5000000",
            "InferenceClient:MaxMessageBytes: 1024 to 2147483647 is accepted, got 0",
            "InferenceClient:ConnectTimeout: 00:00:00.0010000 to 00:05:00 is accepted, got 00:00:00",
            "InferenceClient:KeepAliveDelay: 00:00:01 to 01:00:00 is accepted, got 00:00:00.5000000",
            "InferenceClient:KeepAliveTimeout: 00:00:01 to 00:05:00 is accepted, got 01:00:00",
            "InferenceClient:Columns:iris: names that differ are accepted, got 'a', 'a'",
            "InferenceClient:CallCredentials: accepted with TLS only: https:// addresses, or UseTls with a dns:/// name",
        ]);
    }

    [Theory]
    [InlineData()]
    [InlineData("dns:///a:8001", "dns:///b:8001")]
    [InlineData("dns:///a:8001", "http://b:8001")]
    [InlineData("dns://server/a:8001")]
    [InlineData("dns:///")]
    [InlineData("unix:/run/inference")]
    [InlineData("http://user:password@a:8001")]
    [InlineData("")]
    public void Addresses_ThatReachNoServer_AreRefused(params string[] addresses) =>
        Should.Throw<OptionsValidationException>(() => new InferenceClient(Options(addresses))).Failures.ShouldAllBe(failure => failure.StartsWith("InferenceClient:Addresses: ", StringComparison.Ordinal) && failure.EndsWith(Accepted, StringComparison.Ordinal));

    [Theory]
    [InlineData("http://a:8001", "http://b:8001")]
    [InlineData("https://a")]
    [InlineData("http://[::1]:8001/")]
    [InlineData("dns:///inference.models.svc:8001")]
    public void Addresses_OfServers_AreAccepted(params string[] addresses) => new InferenceClient(Options(addresses)).Dispose();

    [Fact]
    public async Task Host_WithASection_HasOneClientOfIt()
    {
        await using var server = await InferenceServer.StartAsync();
        await server.ServeAsync("classifier", Models.Classifier());
        using var host = Host(
            [new("Addresses:0", server.Address.OriginalString), new("Deadline", "00:00:20"), new("Columns:classifier:0", "b"), new("Columns:classifier:1", "a")],
            options => options.MaxAttempts = 3);
        await host.StartAsync(Cancel);

        var client = host.Services.GetRequiredService<InferenceClient>();
        var answer = await client.PredictAsync<Row, float[]>("classifier", new Row(6, 2), cancellationToken: Cancel);

        // The model's probabilities are half its numbers, in its own order.
        answer.ShouldBe([1f, 3]);
        host.Services.GetRequiredService<InferenceClient>().ShouldBeSameAs(client);
        var options = host.Services.GetRequiredService<IOptions<InferenceClientOptions>>().Value;
        (options.Deadline, options.MaxAttempts).ShouldBe((TimeSpan.FromSeconds(20), 3));
        await host.StopAsync(Cancel);
    }

    [Fact]
    public void Services_WithoutConfiguration_TakeTheOptionsOfTheCode()
    {
        using var provider = new ServiceCollection().AddInferenceClient(options => options.Addresses.Add("http://a:8001")).AddInferenceClient().BuildServiceProvider();
        provider.GetRequiredService<InferenceClient>().ShouldNotBeNull();
    }

    private static InferenceClientOptions Options(string[] addresses)
    {
        var options = new InferenceClientOptions();
        foreach (var address in addresses)
            options.Addresses.Add(address);
        return options;
    }

    private static IHost Host(KeyValuePair<string, string?>[] settings, Action<InferenceClientOptions> configure)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"InferenceClient:{setting.Key}", setting.Value)));
        builder.Services.AddInferenceClient(configure);
        return builder.Build();
    }

    private sealed record Row(float A, float B);
}
