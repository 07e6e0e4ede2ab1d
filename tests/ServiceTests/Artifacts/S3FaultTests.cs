using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Artifacts;

/// <summary>What becomes of an artifact when the network, the service or the settings fail: it is whole, or it is not there.</summary>
[Collection(nameof(S3Collection))]
public sealed class S3FaultTests : IAsyncDisposable
{
    private const int Part = 5 << 20;
    private static readonly byte[] Content = [.. Enumerable.Range(0, (2 * Part) + 9).Select(i => (byte)(i * 7 >> 2))];
    private readonly Bucket _bucket;
    private readonly FaultyProxy _proxy;

    public S3FaultTests(S3Servers servers)
    {
        _bucket = new Bucket(servers);
        _proxy = new FaultyProxy(_bucket.ServerPort);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Through => _proxy.Address.GetLeftPart(UriPartial.Authority);

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _bucket.DisposeAsync();
    }

    [Theory]
    [InlineData(64 << 20)]
    [InlineData(Part)]
    public async Task Put_CutInTheMiddle_LeavesNothingAndSucceedsOnceTheNetworkIsBack(int partBytes)
    {
        var store = Proxied(options => options.PartBytes = partBytes);
        _proxy.Pass = (direction, before, _) => direction == Direction.Down || before < 1_000_000;

        var fault = await Should.ThrowAsync<Fault>(store.PutAsync(Content, Stop));

        fault.Kind.ShouldBe(FaultKind.Unavailable);
        // Either the broken connection is noticed here first, or Swift notices the torn request first and calls its signature wrong.
        fault.Message.ShouldMatch($"^Artifacts:S3:(Endpoint: {Through} |AccessKey: {Through} .*SignatureDoesNotMatch)");
        _proxy.Cuts.ShouldBeGreaterThan(0);
        (await _bucket.NamesAsync()).ShouldBeEmpty();
        (await _bucket.UnfinishedUploadsAsync()).ShouldBe(0);
        await ShouldKeepAsync(store);
    }

    [Fact]
    public async Task Put_CutAsTheLastPartIsSent_LeavesNothing()
    {
        var store = Proxied(options => options.PartBytes = Part);
        // The third part has nine bytes: the two before it have arrived, and nothing but it is refused.
        _proxy.Pass = (direction, _, bytes) => direction == Direction.Down || !bytes.Span.StartsWith("PUT"u8) || bytes.Span.IndexOf("partNumber=3"u8) < 0;

        (await Should.ThrowAsync<Fault>(store.PutAsync(Content, Stop))).Kind.ShouldBe(FaultKind.Unavailable);

        _proxy.Cuts.ShouldBeGreaterThan(0);
        (await _bucket.NamesAsync()).ShouldBeEmpty();
        await ShouldKeepAsync(store);
    }

    [Theory]
    [InlineData(64 << 20)]
    [InlineData(Part)]
    public async Task Put_ByteChangedOnTheWay_IsRefusedByTheServer(int partBytes)
    {
        var store = Proxied(options => options.PartBytes = partBytes);
        _proxy.Pass = (direction, before, bytes) =>
        {
            if (direction == Direction.Up && before > 500_000)
                bytes.Span[0] ^= 1;
            return true;
        };

        var fault = await Should.ThrowAsync<Fault>(store.PutAsync(Content, Stop));

        fault.Kind.ShouldBe(FaultKind.Unavailable);
        fault.Message.ShouldStartWith($"Artifacts:S3:Endpoint: {Through} refused an upload that did not arrive as it was sent (");
        (await _bucket.NamesAsync()).ShouldBeEmpty();
        await ShouldKeepAsync(store);
    }

    [Fact]
    public async Task Put_CutOnce_IsSentAgainAndKept()
    {
        var store = Proxied();
        _proxy.Pass = (direction, before, _) => direction == Direction.Down || before < 1_000_000 || _proxy.Cuts > 0;

        var stored = await store.PutAsync(Content, Stop);

        _proxy.Cuts.ShouldBe(1);
        (await _bucket.Open().ReadAsync(stored.Digest, Stop)).ShouldBe(Content);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_CutInTheMiddle_IsTheServicesFaultAndNotDamage(bool asynchronously)
    {
        var stored = await _bucket.Open().PutAsync(Content, Stop);
        _proxy.Pass = (direction, before, _) => direction == Direction.Up || before < 1_000_000;
        await using var stream = await Proxied().OpenAsync(stored.Digest, Stop);

        var fault = asynchronously
            ? await Should.ThrowAsync<Fault>(stream.CopyToAsync(Stream.Null, Stop))
            : Should.Throw<Fault>(() => stream.CopyTo(Stream.Null));

        (fault.Kind, fault.Message).ShouldBe((FaultKind.Unavailable, $"Artifacts:S3:Endpoint: {Through} broke the connection off"));
    }

    [Fact]
    public async Task Read_ByteChangedOnTheWay_IsDamageOfThatArtifact()
    {
        var stored = await _bucket.Open().PutAsync(Content, Stop);
        _proxy.Pass = (direction, before, bytes) =>
        {
            if (direction == Direction.Down && before is > 500_000 and < 600_000)
                bytes.Span[0] ^= 1;
            return true;
        };

        var fault = await Should.ThrowAsync<Fault>(Proxied().ReadAsync(stored.Digest, Stop));

        fault.Kind.ShouldBe(FaultKind.Corrupt);
        fault.Message.ShouldStartWith($"digest: artifact {stored.Digest} is damaged: its {Content.Length} stored bytes have the digest ");
    }

    [Fact]
    public async Task Read_ServiceFallsSilent_IsGivenUpInTime()
    {
        var stored = await _bucket.Open().PutAsync(Content, Stop);
        var silence = new TaskCompletionSource();
        _proxy.Pass = (direction, before, _) =>
        {
            if (direction == Direction.Down && before > 1_000_000)
                silence.Task.Wait(Stop);
            return true;
        };
        var store = Proxied(options => options.Timeout = TimeSpan.FromSeconds(1));

        var fault = await Should.ThrowAsync<Fault>(store.ReadAsync(stored.Digest, Stop));
        silence.SetResult();

        (fault.Kind, fault.Message).ShouldBe((FaultKind.Unavailable, $"Artifacts:S3:Endpoint: {Through} did not answer within 00:00:01"));
    }

    [Fact]
    public async Task AnyUse_ServiceIsAway_FaultNamesTheEndpoint()
    {
        var endpoint = $"http://127.0.0.1:{Servers.FreePort()}";
        var store = _bucket.Open(options => options.Endpoint = endpoint);

        await ShouldBeUnavailableAsync(store, $"Artifacts:S3:Endpoint: {endpoint} cannot be reached (ConnectionError)");
    }

    [Fact]
    public async Task AnyUse_WrongSecret_FaultSaysWhatIsRefusedAndKeepsTheSecret()
    {
        const string Secret = "not-the-secret";
        var store = _bucket.Open(options => options.SecretKey = Secret);
        var bucket = await PutFaultAsync(store);

        bucket.Kind.ShouldBe(FaultKind.Unavailable);
        bucket.Message.ShouldStartWith($"Artifacts:S3:AccessKey: {_bucket.Endpoint} refused access to bucket '");
        bucket.Message.ShouldEndWith("(SignatureDoesNotMatch); credentials that may read, write and list it are accepted");
        bucket.ToString().ShouldNotContain(Secret);
        (await Should.ThrowAsync<Fault>(store.OpenAsync(ContentDigest.Of(Content), Stop))).Message.ShouldBe(bucket.Message);
    }

    [Fact]
    public async Task AnyUse_NoSuchBucket_FaultNamesIt()
    {
        var store = _bucket.Open(options => options.Bucket = "nobody-made-this");

        await ShouldBeUnavailableAsync(store, $"Artifacts:S3:Bucket: {_bucket.Endpoint} has no bucket 'nobody-made-this'; make it, or name one that is there");
    }

    private static async Task<Fault> PutFaultAsync(S3ArtifactStore store) => await Should.ThrowAsync<Fault>(store.PutAsync(Content, Stop));

    private static async Task ShouldBeUnavailableAsync(S3ArtifactStore store, string message)
    {
        var digest = ContentDigest.Of(Content);
        Fault[] faults =
        [
            await PutFaultAsync(store),
            await Should.ThrowAsync<Fault>(store.OpenAsync(digest, Stop)),
            await Should.ThrowAsync<Fault>(store.ExistsAsync(digest, Stop)),
        ];
        faults.Select(fault => (fault.Kind, fault.Message)).Distinct().ShouldBe([(FaultKind.Unavailable, message)]);
    }

    private S3ArtifactStore Proxied(Action<S3Options>? change = null) => _bucket.Open(options =>
    {
        options.Endpoint = Through;
        change?.Invoke(options);
    });

    private async Task ShouldKeepAsync(S3ArtifactStore store)
    {
        _proxy.Pass = (_, _, _) => true;
        var stored = await store.PutAsync(Content, Stop);
        (await _bucket.NamesAsync()).ShouldHaveSingleItem();
        (await _bucket.Open().ReadAsync(stored.Digest, Stop)).ShouldBe(Content);
    }
}
