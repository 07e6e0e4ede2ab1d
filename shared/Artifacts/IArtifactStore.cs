using Mlops.Contracts;

namespace Mlops.Artifacts;

/// <summary>What a put has stored.</summary>
/// <param name="Digest">SHA-256 of the bytes, and the key to open them by.</param>
/// <param name="Length">Number of bytes.</param>
public sealed record StoredArtifact(ContentDigest Digest, long Length);

/// <summary>
/// Bytes by their SHA-256. What is stored never changes, so that a digest in the registry or in an event says all;
/// the same bytes put twice are kept once. All members may be called at the same time, from several processes.
/// </summary>
public interface IArtifactStore
{
    /// <summary>Stores what <paramref name="write"/> writes. Nothing is stored if it throws or is cancelled.</summary>
    /// <param name="write">Writes the content to a stream that can neither seek nor read.</param>
    /// <param name="cancellationToken">Cancels the put.</param>
    /// <returns>Once the bytes would survive a power cut.</returns>
    Task<StoredArtifact> PutAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

    /// <summary>
    /// Opens stored bytes, from the start, without seeking. Whoever reads to the end knows that they are intact:
    /// the last read throws a <see cref="Fault"/> of kind Corrupt if they are not.
    /// </summary>
    /// <exception cref="Fault">NotFound: nothing is stored under the digest.</exception>
    Task<Stream> OpenAsync(ContentDigest digest, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what is stored under the digest, if anything is. Only for what no fact refers to, such as the checkpoint of
    /// a training that has moved on: whoever put the same bytes loses them too.
    /// </summary>
    Task DeleteAsync(ContentDigest digest, CancellationToken cancellationToken);

    /// <summary>Whether something is stored under the digest.</summary>
    Task<bool> ExistsAsync(ContentDigest digest, CancellationToken cancellationToken);
}

/// <summary>What every store can do by the means of <see cref="IArtifactStore"/>.</summary>
public static class ArtifactStoreExtensions
{
    /// <summary>Stores the rest of a stream.</summary>
    public static Task<StoredArtifact> PutAsync(this IArtifactStore store, Stream content, CancellationToken cancellationToken) =>
        store.PutAsync((stored, cancellation) => content.CopyToAsync(stored, cancellation), cancellationToken);

    /// <summary>Stores some bytes.</summary>
    public static Task<StoredArtifact> PutAsync(this IArtifactStore store, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        store.PutAsync(async (stored, cancellation) => await stored.WriteAsync(content, cancellation), cancellationToken);

    /// <summary>All bytes of an artifact, verified before they are handed out.</summary>
    /// <exception cref="Fault">NotFound: nothing is stored under the digest. Corrupt: other bytes are.</exception>
    public static async Task<byte[]> ReadAsync(this IArtifactStore store, ContentDigest digest, CancellationToken cancellationToken)
    {
        await using var stored = await store.OpenAsync(digest, cancellationToken);
        using var content = new MemoryStream();
        await stored.CopyToAsync(content, cancellationToken);
        return content.ToArray();
    }
}
