namespace Mlops.UnitTests.CrashPoints;

/// <summary>Copies of a process's state.</summary>
internal static class Folders
{
    /// <summary>Makes a folder with the same files.</summary>
    public static void Copy(string folder, string copy)
    {
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
