using System.Globalization;

namespace Mlops.Testing;

/// <summary>What Linux says of this process's memory, in bytes.</summary>
public static class ProcessMemory
{
    /// <summary>What is there now.</summary>
    public static long Resident => Read("VmRSS");

    /// <summary>The most that was there since <see cref="ForgetPeak"/>.</summary>
    public static long Peak => Read("VmHWM");

    public static void ForgetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Read(string name) =>
        1_024 * long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
