using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Mlops.Training.Trees;
using TorchSharp;

namespace Mlops.Training;

/// <summary>
/// What a training ran on, so that somebody else can say whether theirs should give the same bits, and why it did not. Kept
/// with the training; nothing reads it to decide anything.
/// </summary>
public sealed record TrainingEnvironment
{
    /// <summary>Name and version, as the system tells them.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The processor's instruction set, such as <c>x64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The processor's name; empty where the system does not tell.</summary>
    public required string Processor { get; init; }

    /// <summary>Logical processors that this process may use.</summary>
    public required int Processors { get; init; }

    /// <summary>Extensions of the instruction set that libraries choose their kernels by, such as <c>avx2</c>.</summary>
    public required IReadOnlyList<string> CpuFeatures { get; init; }

    /// <summary>.NET's version.</summary>
    public required string Runtime { get; init; }

    /// <summary>Versions of the packages that compute, by name.</summary>
    public required IReadOnlyDictionary<string, string> Packages { get; init; }

    /// <summary>What tells libraries which kernels to use, by variable; those that are set.</summary>
    public required IReadOnlyDictionary<string, string> Kernels { get; init; }

    /// <summary>Threads that libtorch computes with.</summary>
    public required int Threads { get; init; }

    /// <summary>CUDA devices that this process sees.</summary>
    public required int CudaDevices { get; init; }

    /// <summary>The graphics driver's version; null where there is none.</summary>
    public string? Driver { get; init; }

    /// <summary>The largest memory of this process until now, in bytes.</summary>
    public required long PeakMemoryBytes { get; init; }

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
