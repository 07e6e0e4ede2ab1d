namespace Mlops.Artifacts;

/// <summary>
/// Artifacts in a folder, which several processes may share: <c>sha256/ab/cdef…</c>, where ab are the first two digits.
/// A file is written under <c>tmp</c>, flushed to the disk and then renamed, so that a name always stands for whole content.
/// </summary>
public sealed class FolderArtifactStore : IArtifactStore
{
    private readonly string _content;
    private readonly TemporaryFiles _temporary;

    /// <summary>A store in a folder, which is made if it is not there.</summary>
    /// <param name="root">The folder. It should be on one file system: renaming across two is not atomic.</param>
    /// <param name="time">Decides which temporary files a killed process has left behind; the system's unless given.</param>
    public FolderArtifactStore(string root, TimeProvider? time = null)
    {
        _content = Path.Combine(root, "sha256");
        Directory.CreateDirectory(_content);
        _temporary = new TemporaryFiles(Path.Combine(root, "tmp"), time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public Task<StoredArtifact> PutAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        _temporary.PassAsync(write, toDisk: true, (path, artifact) => Publish(path, PathOf(artifact.Digest)), long.MaxValue, cancellationToken);

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
            return Task.FromException<Stream>(digest.Absent());
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
    private Task Publish(string temporary, string final)
    {
        var folder = Path.GetDirectoryName(final)!;
        var isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        File.Move(temporary, final, overwrite: true);
        DirectoryFlush.ToDisk(folder);
        if (isNew)
            DirectoryFlush.ToDisk(_content);
        return Task.CompletedTask;
    }

    private string PathOf(ContentDigest digest)
    {
        var digits = digest.ToString();
        return Path.Combine(_content, digits[..2], digits[2..]);
    }
}
