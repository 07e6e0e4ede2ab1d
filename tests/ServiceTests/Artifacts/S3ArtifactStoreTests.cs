using Mlops.Artifacts;
using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Artifacts;

[Collection(nameof(S3Collection))]
public sealed class S3ArtifactStoreTests : ArtifactStoreContract, IAsyncDisposable
{
    private readonly Bucket _bucket;

    public S3ArtifactStoreTests(S3Servers servers)
    {
        _bucket = new Bucket(servers);
        Store = OpenAnother();
    }

    protected override IArtifactStore Store { get; }

    public ValueTask DisposeAsync() => _bucket.DisposeAsync();

    [Theory]
    [InlineData(5 << 20)]
    [InlineData((5 << 20) + 1)]
    [InlineData((11 << 20) + 7)]
    public async Task Put_AroundThePartsSize_IsReadBackWhole(int length)
    {
        var content = Content(length);
        var store = _bucket.Open(options => options.PartBytes = 5 << 20);

        var stored = await store.PutAsync(content, Cancellation);

        stored.ShouldBe(new StoredArtifact(ContentDigest.Of(content), length));
        (await NamesAsync()).ShouldHaveSingleItem();
        (await _bucket.UnfinishedUploadsAsync()).ShouldBe(0);
        (await Store.ReadAsync(stored.Digest, Cancellation)).ShouldBe(content);
    }

    [Fact]
    public async Task Put_MoreThanTheLimit_IsRefusedAndLeavesNothing()
    {
        var store = _bucket.Open(options => options.MaxBytes = 2);

        var fault = await Should.ThrowAsync<Fault>(store.PutAsync(Abc, Cancellation));

        (fault.Kind, fault.Message).ShouldBe((FaultKind.TooLarge, "content: more than the 2 bytes that the artifact store accepts"));
        (await NamesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Store_OpenedAgain_RemovesWhatAKilledProcessSpooledADayAgo()
    {
        var old = Path.Combine(_bucket.Spool, "old");
        await File.WriteAllBytesAsync(old, Abc, Cancellation);
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));

        OpenAnother();

        (await NamesAsync()).ShouldBeEmpty();
    }

    protected override IArtifactStore OpenAnother() => _bucket.Open();

    protected override Task<string[]> NamesAsync() => _bucket.NamesAsync();

    protected override Task DamageAsync(ContentDigest digest, byte[] found) => _bucket.WriteAsync(digest, found);
}
