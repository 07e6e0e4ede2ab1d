using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Mlops.Contracts;
using Mlops.Training.Trees;
using TorchSharp;

namespace Mlops.Training;

/// <summary>Reads what a training runs on.</summary>
public static class EnvironmentReading
{
    /// <summary>That of this process, now.</summary>
    public static TrainingEnvironment Read() => new()
    {
        OperatingSystem = RuntimeInformation.OSDescription,
        Architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        Processor = ProcessorName(ReadLines("/proc/cpuinfo")),
        Processors = Environment.ProcessorCount,
        CpuFeatures = [.. Features().Where(feature => feature.IsSupported).Select(feature => feature.Name)],
        Runtime = RuntimeInformation.FrameworkDescription,
        Packages = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["libtorch"] = torch.__version__,
            ["LightGBM"] = LightGbm.Version,
            ["TorchSharp"] = typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        },
        Kernels = SteadyArithmetic.Variables(),
        Threads = torch.get_num_threads(),
        CudaDevices = torch.cuda.is_available() ? torch.cuda.device_count() : 0,
        Driver = DriverVersion(ReadLines("/proc/driver/nvidia/version")),
        PeakMemoryBytes = PeakMemory(),
    };

    /// <summary>The name in Linux's description of the processors.</summary>
    internal static string ProcessorName(IEnumerable<string> lines) =>
        lines.Select(line => line.Split(':', 2)).FirstOrDefault(parts => parts is [var key, _] && key.Trim() == "model name")?[1].Trim() ?? "";

    /// <summary>The version in the description that NVIDIA's driver gives of itself; null where there is none.</summary>
    internal static string? DriverVersion(IEnumerable<string> lines) =>
        lines.FirstOrDefault(line => line.StartsWith("NVRM version:", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(word => word.Contains('.', StringComparison.Ordinal) && word.All(sign => char.IsAsciiDigit(sign) || sign == '.'));

    private static IEnumerable<(string Name, bool IsSupported)> Features() =>
    [
        ("sse4.2", Sse42.IsSupported), ("avx", Avx.IsSupported), ("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported),
        ("avx512f", Avx512F.IsSupported), ("avx512bw", Avx512BW.IsSupported), ("avx512vl", Avx512F.VL.IsSupported), ("avx512vbmi", Avx512Vbmi.IsSupported),
        ("neon", AdvSimd.IsSupported), ("dotprod", Dp.IsSupported),
    ];

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static string[] ReadLines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];
}
