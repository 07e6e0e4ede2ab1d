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
    internal static void Require()
    {
        // The environment that .NET keeps is a copy, which native code does not see.
        if (OperatingSystem.IsLinux() && SetVariable(Variable, Steady, overwrite: 0) != 0)
            throw new InvalidOperationException($"{Variable} cannot be set: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [DllImport("libc", EntryPoint = "setenv", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetVariable([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);
}
