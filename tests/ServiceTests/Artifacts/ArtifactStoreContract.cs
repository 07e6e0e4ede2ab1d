using System.Text;
using Mlops.Artifacts;
using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Artifacts;

/// <summary>What every artifact store must do.</summary>
public abstract class ArtifactStoreContract
{
    // FIPS 180-2, appendix B.1.
    private const string DigestOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    protected static byte[] Abc { get; } = "abc"u8.ToArray();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The store under test.</summary>
    protected abstract IArtifactStore Store { get; }

    /// <summary>Another one on the same bytes, as another process has it.</summary>
    protected abstract IArtifactStore OpenAnother();

    /// <summary>The names of everything that is kept, temporary files included.</summary>
    protected abstract Task<string[]> NamesAsync();

    /// <summary>Puts other bytes where an artifact is.</summary>
    protected abstract Task DamageAsync(ContentDigest digest, byte[] found);

    protected static byte[] Content(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 >> 3))];

    [Fact]
    public async Task Put_Bytes_StoresThemUnderTheirDigest()
    {
        var stored = await Store.PutAsync(Abc, Cancellation);

        stored.ShouldBe(new StoredArtifact(ContentDigest.Parse(DigestOfAbc), 3));
        (await NamesAsync()).ShouldBe([$"sha256/{DigestOfAbc[..2]}/{DigestOfAbc[2..]}"]);
        (await Store.ReadAsync(stored.Digest, Cancellation)).ShouldBe(Abc);
        (await Store.ExistsAsync(stored.Digest, Cancellation)).ShouldBeTrue();
    }

    [Fact]
    public async Task Put_StreamAndWriter_StoreTheSameBytesOnce()
    {
        var content = Content(300_000);

        var first = await Store.PutAsync(new MemoryStream(content), Cancellation);
        var second = await Store.PutAsync(async (stream, cancellation) =>
        {
            foreach (var part in content.Chunk(7_777))
                await stream.WriteAsync(part, cancellation);
            await stream.DisposeAsync();
        }, Cancellation);

        second.ShouldBe(first);
        first.Digest.ShouldBe(ContentDigest.Of(content));
        first.Length.ShouldBe(content.Length);
        (await NamesAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Put_NothingAtAll_IsAnArtifactToo()
    {
        var stored = await Store.PutAsync(ReadOnlyMemory<byte>.Empty, Cancellation);

        stored.Length.ShouldBe(0);
        (await Store.ReadAsync(stored.Digest, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Put_SynchronousWriter_IsHashedAsWell()
    {
        var stored = await Store.PutAsync((stream, _) =>
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
        await Should.ThrowAsync<Fault>(Store.PutAsync(async (stream, cancellation) =>
        {
            await stream.WriteAsync(Abc, cancellation);
            throw Fault.Invalid("rows", "none");
        }, Cancellation));

        (await NamesAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Put_Cancelled_LeavesNothing(bool whileWriting)
    {
        using var cancelling = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(Store.PutAsync(async (stream, cancellation) =>
        {
            await stream.WriteAsync(Abc, CancellationToken.None);
            await cancelling.CancelAsync();
            if (whileWriting)
                cancellation.ThrowIfCancellationRequested();
        }, cancelling.Token));

        (await NamesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Put_SameContentAtTheSameTime_AllSucceedAndItIsKeptOnce()
    {
        var content = new byte[200_000];
        var stores = new[] { Store, OpenAnother() };

        var stored = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => stores[i % 2].PutAsync(content, Cancellation))));

        stored.Distinct().ShouldHaveSingleItem().Digest.ShouldBe(ContentDigest.Of(content));
        (await NamesAsync()).ShouldHaveSingleItem();
        (await Store.ReadAsync(stored[0].Digest, Cancellation)).ShouldBe(content);
    }

    [Fact]
    public async Task Open_WhileItIsPutAgain_ReadsItWhole()
    {
        var content = Content(2_000_000);
        var stored = await Store.PutAsync(content, Cancellation);
        await using var stream = await Store.OpenAsync(stored.Digest, Cancellation);
        stream.Length.ShouldBe(content.Length);
        await stream.ReadExactlyAsync(new byte[1000], Cancellation);

        await OpenAnother().PutAsync(content, Cancellation);

        using var rest = new MemoryStream();
        await stream.CopyToAsync(rest, Cancellation);
        rest.ToArray().ShouldBe(content[1000..]);
    }

    [Fact]
    public async Task Open_Absent_FaultNamesTheDigest()
    {
        var digest = ContentDigest.Parse(DigestOfAbc);

        (await Store.ExistsAsync(digest, Cancellation)).ShouldBeFalse();
        var fault = await Should.ThrowAsync<Fault>(Store.OpenAsync(digest, Cancellation));

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
        var stored = await Store.PutAsync(Abc, Cancellation);
        await DamageAsync(stored.Digest, Encoding.ASCII.GetBytes(found));

        var whole = await Should.ThrowAsync<Fault>(Store.ReadAsync(stored.Digest, Cancellation));
        await using var stream = await Store.OpenAsync(stored.Digest, Cancellation);
        var streamed = Should.Throw<Fault>(() => stream.CopyTo(Stream.Null));

        whole.Kind.ShouldBe(FaultKind.Corrupt);
        whole.Message.ShouldBe($"digest: artifact {DigestOfAbc} is damaged: its {found.Length} stored bytes have the digest {ContentDigest.Of(Encoding.ASCII.GetBytes(found))}");
        streamed.Message.ShouldBe(whole.Message);
    }

    [Fact]
    public async Task Put_OverDamagedBytes_MendsThem()
    {
        var stored = await Store.PutAsync(Abc, Cancellation);
        await DamageAsync(stored.Digest, "ab"u8.ToArray());

        await Store.PutAsync(Abc, Cancellation);

        (await Store.ReadAsync(stored.Digest, Cancellation)).ShouldBe(Abc);
    }
}
