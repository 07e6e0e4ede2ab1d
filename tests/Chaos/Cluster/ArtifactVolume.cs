using Mlops.Testing;

namespace Mlops.Chaos.Cluster;

/// <summary>The artifact folder: a small file system of its own where mounting is permitted, so that it can be full.</summary>
internal sealed class ArtifactVolume : IAsyncDisposable
{
    private const string Size = "256m";
    private const int Chunk = 1 << 20;

    private ArtifactVolume(string folder, bool canFill) => (Folder, CanFill) = (folder, canFill);

    public string Folder { get; }

    /// <summary>Whether <see cref="FillAsync"/> can be used.</summary>
    public bool CanFill { get; }

    private string Ballast => Path.Combine(Folder, "ballast");

    public static async Task<ArtifactVolume> CreateAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            await Servers.RunAsync("mount", "-t", "tmpfs", "-o", $"size={Size}", "tmpfs", folder);
            return new ArtifactVolume(folder, canFill: true);
        }
        catch (InvalidOperationException)
        {
            // Not permitted to mount.
            return new ArtifactVolume(folder, canFill: false);
        }
    }

    /// <summary>Takes all the room that is left, and gives it back when <paramref name="whileFull"/> has ended.</summary>
    public async Task FillAsync(Func<Task> whileFull)
    {
        try
        {
            await using (var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                // What a chunk leaves is taken by smaller ones: not a byte stays free.
                for (var chunk = new byte[Chunk]; chunk.Length > 0;)
                {
                    try
                    {
                        await ballast.WriteAsync(chunk);
                    }
                    catch (IOException)
                    {
                        chunk = new byte[chunk.Length / 2];
                    }
                }
            }
            await whileFull();
        }
        finally
        {
            File.Delete(Ballast);
        }
    }

    /// <summary>Leaves the files in the folder, where they can be looked at when the file system is gone.</summary>
    public Task KeepAsync(string folder) => Servers.RunAsync("cp", "-r", Folder, folder);

    public async ValueTask DisposeAsync()
    {
        if (CanFill)
            await Servers.RunAsync("umount", Folder);
    }
}
