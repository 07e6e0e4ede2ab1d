using System.Security.Cryptography;
using Mlops.Contracts;

namespace Mlops.Artifacts;

/// <summary>Content on its way into a store: in a file of its own and hashed, before any of it can be seen under its digest.</summary>
internal sealed class TemporaryFiles
{
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);
    private readonly string _folder;

    /// <param name="folder">Made if it is not there.</param>
    /// <param name="time">Decides which files a killed process has left behind; these are removed now.</param>
    public TemporaryFiles(string folder, TimeProvider time)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        var before = (time.GetUtcNow() - AbandonedAfter).UtcDateTime;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles().Where(file => file.LastWriteTimeUtc < before))
            file.Delete();
    }

    /// <summary>Lets <paramref name="write"/> fill a file and <paramref name="publish"/> take it. The file is gone afterwards, whatever happens.</summary>
    /// <param name="write">Writes the content.</param>
    /// <param name="toDisk">Whether the file must survive a power cut, because it is what stays; else it is for this user alone.</param>
    /// <param name="publish">Gets the file's path.</param>
    /// <param name="longest">The number of bytes above which nothing is taken.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="Fault">TooLarge: more than <paramref name="longest"/> bytes were written.</exception>
    public async Task<StoredArtifact> PassAsync(
        Func<Stream, CancellationToken, Task> write, bool toDisk, Func<string, StoredArtifact, Task> publish, long longest, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_folder, RandomNumberGenerator.GetHexString(32, lowercase: true));
        try
        {
            StoredArtifact artifact;
            await using (var file = Create(path, shared: toDisk))
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                using var hashing = new HashingStream(file, hash, longest);
                await write(hashing, cancellationToken);
                await file.FlushAsync(cancellationToken);
                if (toDisk)
                    file.Flush(flushToDisk: true);
                artifact = new StoredArtifact(new ContentDigest(hash.GetCurrentHash()), hashing.Written);
            }
            cancellationToken.ThrowIfCancellationRequested();
            await publish(path, artifact);
            return artifact;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static FileStream Create(string path, bool shared)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 16, Options = FileOptions.Asynchronous };
        if (!shared && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
