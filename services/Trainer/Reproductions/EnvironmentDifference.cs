using Mlops.Contracts;
using Mlops.Registry.Facts;

namespace Mlops.Trainer.Reproductions;

/// <summary>What a training was done with, as far as it can change bits.</summary>
/// <param name="CodeVersion">Version of our code.</param>
/// <param name="Backend">Library, version, device and threads.</param>
/// <param name="Environment">Null where it was not recorded.</param>
internal sealed record TrainedWith(string CodeVersion, string Backend, TrainingEnvironment? Environment);

/// <summary>What differs between a training and the same one done again, in words.</summary>
internal static class EnvironmentDifference
{
    /// <summary>One text for each difference; none where nothing that is recorded differs.</summary>
    public static IReadOnlyList<string> Between(TrainedWith then, TrainedWith now)
    {
        var differences = Made(then.CodeVersion, then.Backend, now.CodeVersion, now.Backend);
        void Compare(string what, string? before, string? after) => Add(differences, what, before, after);
        if ((then.Environment, now.Environment) is not ({ } before, { } after))
            return [.. differences, "the first environment was not recorded"];
        Compare("the architecture", before.Architecture, after.Architecture);
        Compare("the processor", before.Processor, after.Processor);
        Compare("the threads", $"{before.Threads}", $"{after.Threads}");
        Compare("the runtime", before.Runtime, after.Runtime);
        Compare("the driver", before.Driver, after.Driver);
        foreach (var name in before.Packages.Keys.Union(after.Packages.Keys).Order(StringComparer.Ordinal))
            Compare(name, before.Packages.GetValueOrDefault(name), after.Packages.GetValueOrDefault(name));
        foreach (var name in before.Kernels.Keys.Union(after.Kernels.Keys).Order(StringComparer.Ordinal))
            Compare(name, before.Kernels.GetValueOrDefault(name), after.Kernels.GetValueOrDefault(name));
        differences.AddRange(before.CpuFeatures.Except(after.CpuFeatures).Select(feature => $"the processor had {feature} and has not"));
        differences.AddRange(after.CpuFeatures.Except(before.CpuFeatures).Select(feature => $"the processor had no {feature} and has"));
        return differences;
    }

    /// <summary>What differs between a compression and the same one done again, which plain arithmetic does.</summary>
    public static IReadOnlyList<string> OfCompressions(Compression then, string codeVersion, string backend) =>
        then is { CodeVersion: { } code, Backend: { } first } ? Made(code, first, codeVersion, backend) : ["what compressed it first was not recorded"];

    private static List<string> Made(string codeVersion, string backend, string codeVersionNow, string backendNow)
    {
        var differences = new List<string>();
        Add(differences, "the code", codeVersion, codeVersionNow);
        Add(differences, "the backend", backend, backendNow);
        return differences;
    }

    private static void Add(List<string> differences, string what, string? before, string? after)
    {
        if (before != after)
            differences.Add($"{what} was {before ?? "none"} and is {after ?? "none"}");
    }
}
