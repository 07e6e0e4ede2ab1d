using System.Reflection;

namespace Mlops.Hosting;

/// <summary>Which code runs, as facts record it.</summary>
public static class CodeVersion
{
    /// <summary>The build's version, with the commit where the build knew it.</summary>
    public static string Current { get; } =
        typeof(CodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
