namespace Mlops.Contracts;

/// <summary>
/// What a training ran on, so that somebody else can say whether theirs should give the same bits, and why it did not. Kept
/// with the training; nothing is decided by it.
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
}
