using System.Runtime.InteropServices;
using Mlops.Contracts;

namespace Mlops.Training.Trees;

/// <summary>
/// What is used of LightGBM's C interface, under its own names (LightGBM's documentation, "C API"). Each call answers 0, or
/// −1 where <see cref="LGBM_GetLastError"/> says why.
/// </summary>
internal static class LightGbm
{
    /// <summary>Of the package that Microsoft.ML.LightGbm brings; the library itself does not tell.</summary>
    public const string Version = "4.6.0";

    /// <summary>What grows the trees, beside spec and rows.</summary>
    public const string Backend = $"LightGBM {Version}, cpu, 1 thread";

    /// <summary>C_API_DTYPE_FLOAT32, C_API_DTYPE_FLOAT64.</summary>
    public const int Float32 = 0, Float64 = 1;

    private const string Library = "lib_lightgbm";
    private const DllImportSearchPath Places = DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories;

    /// <summary>Says what is missing where the library cannot be loaded.</summary>
    /// <exception cref="Fault">Unsupported.</exception>
    public static void Require()
    {
        try
        {
            LGBM_GetLastError();
        }
        catch (DllNotFoundException missing)
        {
            throw new Fault(FaultKind.Unsupported, "model.type",
                $"boosted-trees are grown by LightGBM's native library, which is there for x64 and on Linux needs libgomp.so.1 (Debian's package libgomp1). Here it does not load: {missing.Message}");
        }
    }

    /// <summary>Throws what LightGBM says where a call did not succeed.</summary>
    public static void Check(int result)
    {
        if (result != 0)
            throw new InvalidOperationException($"LightGBM: {Marshal.PtrToStringUTF8(LGBM_GetLastError())}");
    }

    [DllImport(Library), DefaultDllImportSearchPaths(Places)]
    public static extern nint LGBM_GetLastError();

    [DllImport(Library, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_GetSampleCount(int rows, [MarshalAs(UnmanagedType.LPUTF8Str)] string parameters, out int count);

    [DllImport(Library, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_SampleIndices(int rows, [MarshalAs(UnmanagedType.LPUTF8Str)] string parameters, int[] indices, out int count);

    [DllImport(Library, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_DatasetCreateFromSampledColumn(
        nint[] values, nint[] indices, int columns, int[] counts, int sampled, int localRows, long allRows, [MarshalAs(UnmanagedType.LPUTF8Str)] string parameters, out nint dataset);

    [DllImport(Library), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_DatasetPushRows(nint dataset, ref readonly float data, int dataType, int rows, int columns, int startRow);

    [DllImport(Library, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_DatasetSetField(nint dataset, [MarshalAs(UnmanagedType.LPUTF8Str)] string name, float[] values, int count, int type);

    [DllImport(Library, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_DatasetSetField(nint dataset, [MarshalAs(UnmanagedType.LPUTF8Str)] string name, double[] values, int count, int type);

    [DllImport(Library), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_DatasetFree(nint dataset);

    [DllImport(Library, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_BoosterCreate(nint train, [MarshalAs(UnmanagedType.LPUTF8Str)] string parameters, out nint booster);

    [DllImport(Library), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_BoosterFree(nint booster);

    [DllImport(Library), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_BoosterUpdateOneIter(nint booster, out int isFinished);

    [DllImport(Library), DefaultDllImportSearchPaths(Places)]
    public static extern int LGBM_BoosterSaveModelToString(
        nint booster, int startIteration, int iterations, int importanceType, long capacity, out long length, byte[] text);
}
