using System.Runtime.InteropServices;
using System.Text;
using Mlops.Training.Trees;

namespace Mlops.UnitTests.Training.Trees;

/// <summary>LightGBM's own predictions, by its own code and from its own file: what ours are compared with.</summary>
internal static class NativeLightGbm
{
    private const int Normal = 0, Raw = 1;

    /// <summary>Probabilities or values of one model, rows × outputs; of two classes the second's alone.</summary>
    public static double[] Predict(string model, float[] rows, int width) => Predict(model, rows, width, Normal);

    /// <summary>The sums of leaves.</summary>
    public static double[] PredictRaw(string model, float[] rows, int width) => Predict(model, rows, width, Raw);

    private static double[] Predict(string model, float[] rows, int width, int kind)
    {
        LightGbm.Check(LGBM_BoosterLoadModelFromString([.. Encoding.UTF8.GetBytes(model), 0], out _, out var booster));
        try
        {
            var count = rows.Length / width;
            LightGbm.Check(LGBM_BoosterCalcNumPredict(booster, count, kind, 0, -1, out var length));
            var predictions = new double[length];
            LightGbm.Check(LGBM_BoosterPredictForMat(booster, rows, LightGbm.Float32, count, width, 1, kind, 0, -1, [0], out _, predictions));
            return predictions;
        }
        finally
        {
            LightGbm.Check(LightGbm.LGBM_BoosterFree(booster));
        }
    }

    [DllImport("lib_lightgbm")]
    private static extern int LGBM_BoosterLoadModelFromString(byte[] model, out int iterations, out nint booster);

    [DllImport("lib_lightgbm")]
    private static extern int LGBM_BoosterCalcNumPredict(nint booster, int rows, int kind, int start, int iterations, out long length);

    [DllImport("lib_lightgbm")]
    private static extern int LGBM_BoosterPredictForMat(
        nint booster, float[] data, int type, int rows, int columns, int isRowMajor, int kind, int start, int iterations, byte[] parameters, out long length, double[] predictions);
}
