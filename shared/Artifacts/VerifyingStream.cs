using System.Security.Cryptography;
using Mlops.Contracts;

namespace Mlops.Artifacts;

/// <summary>Passes reads on, and compares the digest when the end is reached. Owns the inner stream.</summary>
internal sealed class VerifyingStream(Stream inner, ContentDigest expected) : ReadingStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;

    public override long Length => inner.Length;

    public override int Read(Span<byte> buffer) => Verify(buffer, inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        return Verify(buffer.Span, read);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Verify(ReadOnlySpan<byte> buffer, int read)
    {
        _hash.AppendData(buffer[..read]);
        _read += read;
        if (read > 0 || buffer.IsEmpty)
            return read;
        var found = new ContentDigest(_hash.GetCurrentHash());
        return found == expected
            ? 0
            : throw new Fault(FaultKind.Corrupt, "digest", $"artifact {expected} is damaged: its {_read} stored bytes have the digest {found}");
    }
}
