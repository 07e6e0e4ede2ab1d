using System.Security.Cryptography;
using Mlops.Contracts;

namespace Mlops.Artifacts;

/// <summary>
/// Artifacts in a folder, which several processes may share: <c>sha256/ab/cdef…</c>, where ab are the first two digits.
/// A file is written under <c>tmp</c>, flushed to the disk and then renamed, so that a name always stands for whole content.
/// </summary>
public sealed class FolderArtifactStore : IArtifactStore
{
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);
    private readonly string _content;
    private readonly string _temporary;

    /// <summary>A store in a folder, which is made if it is not there.</summary>
    /// <param name="root">The folder. It should be on one file system: renaming across two is not atomic.</param>
    /// <param name="time">Decides which temporary files a killed process has left behind; the system's unless given.</param>
    public FolderArtifactStore(string root, TimeProvider? time = null)
    {
        _content = Path.Combine(root, "sha256");
        _temporary = Path.Combine(root, "tmp");
        Directory.CreateDirectory(_content);
        Directory.CreateDirectory(_temporary);
        RemoveAbandoned((time ?? TimeProvider.System).GetUtcNow() - AbandonedAfter);
    }

    /// <inheritdoc/>
    public async Task<StoredArtifact> PutAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(_temporary, RandomNumberGenerator.GetHexString(32, lowercase: true));
        try
        {
            StoredArtifact artifact;
            var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous);
            await using (file)
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                using var hashing = new HashingStream(file, hash);
                await write(hashing, cancellationToken);
                await file.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
                artifact = new StoredArtifact(new ContentDigest(hash.GetCurrentHash()), hashing.Written);
            }
            cancellationToken.ThrowIfCancellationRequested();
            Publish(temporary, PathOf(artifact.Digest));
            return artifact;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(ContentDigest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var file = new FileStream(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
            return Task.FromResult<Stream>(new VerifyingStream(file, digest));
        }
        catch (IOException exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromException<Stream>(Fault.NotFound("digest", $"no artifact is stored under {digest}"));
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(ContentDigest digest, CancellationToken cancellationToken)
    {
        if (File.Exists(PathOf(digest)))
            File.Delete(PathOf(digest));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(ContentDigest digest, CancellationToken cancellationToken) => Task.FromResult(File.Exists(PathOf(digest)));

    // A file of that name is replaced: it holds the same bytes, unless it was damaged, which mends it.
    private void Publish(string temporary, string final)
    {
        var folder = Path.GetDirectoryName(final)!;
        var isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        File.Move(temporary, final, overwrite: true);
        DirectoryFlush.ToDisk(folder);
        if (isNew)
            DirectoryFlush.ToDisk(_content);
    }

    private string PathOf(ContentDigest digest)
    {
        var digits = digest.ToString();
        return Path.Combine(_content, digits[..2], digits[2..]);
    }

    private void RemoveAbandoned(DateTimeOffset before)
    {
        foreach (var file in new DirectoryInfo(_temporary).EnumerateFiles())
            if (file.LastWriteTimeUtc < before.UtcDateTime)
                file.Delete();
    }
}
