using System.Text;
using Mlops.Artifacts;
using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Artifacts;

public sealed class FolderArtifactStoreTests : IDisposable
{
    // FIPS 180-2, appendix B.1.
    private const string DigestOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private static readonly byte[] Abc = "abc"u8.ToArray();
    private readonly string _root = Directory.CreateTempSubdirectory("mlops-artifacts-").FullName;
    private readonly FolderArtifactStore _store;

    public FolderArtifactStoreTests() => _store = new FolderArtifactStore(_root);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Put_Bytes_StoresThemUnderTheirDigest()
    {
        var stored = await _store.PutAsync(Abc, Cancellation);

        stored.ShouldBe(new StoredArtifact(ContentDigest.Parse(DigestOfAbc), 3));
        Files().ShouldBe([$"sha256/{DigestOfAbc[..2]}/{DigestOfAbc[2..]}"]);
        (await _store.ReadAsync(stored.Digest, Cancellation)).ShouldBe(Abc);
        (await _store.ExistsAsync(stored.Digest, Cancellation)).ShouldBeTrue();
    }

    [Fact]
    public async Task Put_StreamAndWriter_StoreTheSameFileOnce()
    {
        var content = Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 >> 3)).ToArray();

        var first = await _store.PutAsync(new MemoryStream(content), Cancellation);
        var second = await _store.PutAsync(async (stream, cancellation) =>
        {
            foreach (var part in content.Chunk(7_777))
                await stream.WriteAsync(part, cancellation);
            await stream.DisposeAsync();
        }, Cancellation);

        second.ShouldBe(first);
        first.Digest.ShouldBe(ContentDigest.Of(content));
        first.Length.ShouldBe(content.Length);
        Files().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Put_NothingAtAll_IsAnArtifactToo()
    {
        var stored = await _store.PutAsync(ReadOnlyMemory<byte>.Empty, Cancellation);

        stored.Length.ShouldBe(0);
        (await _store.ReadAsync(stored.Digest, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Put_SynchronousWriter_IsHashedAsWell()
    {
        var stored = await _store.PutAsync((stream, _) =>
        {
            using var text = new StreamWriter(stream);
            text.Write("abc");
            return Task.CompletedTask;
        }, Cancellation);

        stored.Digest.ToString().ShouldBe(DigestOfAbc);
    }

    [Fact]
    public async Task Put_WriterFails_LeavesNothing()
    {
        await Should.ThrowAsync<Fault>(_store.PutAsync(async (stream, cancellation) =>
        {
            await stream.WriteAsync(Abc, cancellation);
            throw Fault.Invalid("rows", "none");
        }, Cancellation));

        Files().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Put_Cancelled_LeavesNothing(bool whileWriting)
    {
        using var cancelling = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(_store.PutAsync(async (stream, cancellation) =>
        {
            await stream.WriteAsync(Abc, CancellationToken.None);
            await cancelling.CancelAsync();
            if (whileWriting)
                cancellation.ThrowIfCancellationRequested();
        }, cancelling.Token));

        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Put_SameContentAtTheSameTime_AllSucceedWithOneFile()
    {
        var content = new byte[200_000];
        var stores = new[] { _store, new FolderArtifactStore(_root) };

        var stored = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => stores[i % 2].PutAsync(content, Cancellation))));

        stored.Distinct().ShouldHaveSingleItem().Digest.ShouldBe(ContentDigest.Of(content));
        Files().ShouldHaveSingleItem();
        (await _store.ReadAsync(stored[0].Digest, Cancellation)).ShouldBe(content);
    }

    [Fact]
    public async Task Open_Absent_FaultNamesTheDigest()
    {
        var digest = ContentDigest.Parse(DigestOfAbc);

        (await _store.ExistsAsync(digest, Cancellation)).ShouldBeFalse();
        var fault = await Should.ThrowAsync<Fault>(_store.OpenAsync(digest, Cancellation));

        fault.Kind.ShouldBe(FaultKind.NotFound);
        fault.Message.ShouldBe($"digest: no artifact is stored under {DigestOfAbc}");
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("abd")]
    [InlineData("abcd")]
    [InlineData("")]
    public async Task Read_TornOrTampered_FaultNamesTheDigest(string found)
    {
        var stored = await _store.PutAsync(Abc, Cancellation);
        await File.WriteAllTextAsync(PathOf(stored.Digest), found, Cancellation);

        var whole = await Should.ThrowAsync<Fault>(_store.ReadAsync(stored.Digest, Cancellation));
        await using var stream = await _store.OpenAsync(stored.Digest, Cancellation);
        var streamed = Should.Throw<Fault>(() => stream.CopyTo(Stream.Null));

        whole.Kind.ShouldBe(FaultKind.Corrupt);
        whole.Message.ShouldBe($"digest: artifact {DigestOfAbc} is damaged: its {found.Length} stored bytes have the digest {ContentDigest.Of(Encoding.ASCII.GetBytes(found))}");
        streamed.Message.ShouldBe(whole.Message);
    }

    [Fact]
    public async Task Put_OverDamagedFile_MendsIt()
    {
        var stored = await _store.PutAsync(Abc, Cancellation);
        await File.WriteAllTextAsync(PathOf(stored.Digest), "ab", Cancellation);

        await _store.PutAsync(Abc, Cancellation);

        (await _store.ReadAsync(stored.Digest, Cancellation)).ShouldBe(Abc);
    }

    [Fact]
    public void Store_OpenedAgain_RemovesWhatAKilledProcessLeftADayAgo()
    {
        var old = Path.Combine(_root, "tmp", "old");
        var young = Path.Combine(_root, "tmp", "young");
        File.WriteAllBytes(old, Abc);
        File.WriteAllBytes(young, Abc);
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));

        _ = new FolderArtifactStore(_root);

        Files().ShouldBe(["tmp/young"]);
    }

    private string PathOf(ContentDigest digest) => Path.Combine(_root, "sha256", digest.ToString()[..2], digest.ToString()[2..]);

    private string[] Files() =>
        [.. Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_root, file).Replace('\\', '/'))];
}
