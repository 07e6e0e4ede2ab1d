using Microsoft.Win32.SafeHandles;

namespace Mlops.Tabular;

/// <summary>
/// Bytes that are too many for memory, in a file that nobody else can open and that is gone with this process, however it ends:
/// where the system allows it, the file has no name any more once it is open. Reads may come from several threads.
/// </summary>
public sealed class ScratchFile : IDisposable
{
    private readonly SafeFileHandle _file;

    private ScratchFile(SafeFileHandle file) => _file = file;

    /// <summary>Bytes that were written.</summary>
    public long Length { get; private set; }

    /// <summary>Makes an empty file.</summary>
    /// <param name="folder">Is there, on a disk with room.</param>
    /// <exception cref="IOException">The folder is not there, or cannot be written to.</exception>
    public static ScratchFile Create(string folder)
    {
        var path = Path.Combine(folder, $"mlops-{Path.GetRandomFileName()}");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        if (OperatingSystem.IsWindows())
            return new ScratchFile(file);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Delete(path);
        return new ScratchFile(file);
    }

    /// <summary>Writes bytes behind all others.</summary>
    /// <returns>Where they begin.</returns>
    /// <exception cref="IOException">The disk is full, or broken.</exception>
    public long Append(ReadOnlySpan<byte> bytes)
    {
        var start = Length;
        RandomAccess.Write(_file, bytes, start);
        Length += bytes.Length;
        return start;
    }

    /// <summary>Reads bytes that were written.</summary>
    /// <exception cref="IOException">The disk is broken.</exception>
    public void Read(long start, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var read = RandomAccess.Read(_file, bytes, start);
            if (read == 0)
                throw new EndOfStreamException("a scratch file is shorter than what was written to it");
            start += read;
            bytes = bytes[read..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
