using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlops.Training;

/// <summary>
/// Has MKL, with which libtorch multiplies matrices, compute the same bits wherever a matrix lies in memory. On some
/// processors it would else not: a training was seen to differ from itself in the last bits.
/// See Intel's documentation of conditional numerical reproducibility.
/// </summary>
internal static class SteadyArithmetic
{
    private const string Variable = "MKL_CBWR", Steady = "AVX2,STRICT";

    /// <summary>MKL reads the process's own environment, once, when it first computes; a value that is given holds.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "It must come before anything in this room computes.")]
    internal static void Require() => Set(Variable, Steady);

    /// <summary>Sets a variable of this process that native code reads, unless it is given.</summary>
    internal static void Set(string variable, string value)
    {
        // The environment that .NET keeps is a copy, which native code does not see.
        if (OperatingSystem.IsLinux() && SetVariable(variable, value, overwrite: 0) != 0)
            throw new InvalidOperationException($"{variable} cannot be set: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>The variables of this process that say which kernels libraries use, by name; those that are set.</summary>
    public static IReadOnlyDictionary<string, string> Variables()
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string[] names = [Variable, "MKL_ENABLE_INSTRUCTIONS", "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA"];
        foreach (var name in names)
            if (ValueOf(name) is { } value)
                values[name] = value;
        return values;
    }

    private static string? ValueOf(string name) =>
        OperatingSystem.IsLinux() ? Marshal.PtrToStringUTF8(GetVariable(name)) : Environment.GetEnvironmentVariable(name);

    [DllImport("libc", EntryPoint = "getenv", BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint GetVariable([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("libc", EntryPoint = "setenv", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetVariable([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);
}
