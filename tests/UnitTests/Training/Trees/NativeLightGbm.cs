using System.Runtime.InteropServices;
using System.Text;
using Mlops.Training.Trees;

namespace Mlops.UnitTests.Training.Trees;

/// <summary>LightGBM's own predictions, by its own code and from its own file: what ours are compared with.</summary>
internal static class NativeLightGbm
{
    private const int Normal = 0;

    /// <summary>Probabilities or values, rows × outputs; of two classes the second's alone.</summary>
    /// <param name="trees">The trees in LightGBM's words.</param>
    /// <param name="classes">1 for a regression.</param>
    /// <param name="rows">Row-major.</param>
    /// <param name="width">Numbers in a row.</param>
    public static double[] Predict(string trees, int classes, float[] rows, int width)
    {
        var several = classes > 2 ? classes : 1;
        // The head of a model file, which LightGBM's own would have.
        var model = $"""
            tree
            version=v4
            num_class={several}
            num_tree_per_iteration={several}
            label_index=0
            max_feature_idx={width - 1}
            objective={classes switch { 1 => "regression", 2 => "binary sigmoid:1", _ => $"multiclass num_class:{classes}" }}
            feature_names={string.Join(' ', Enumerable.Range(0, width).Select(feature => $"x{feature}"))}
            feature_infos={string.Join(' ', Enumerable.Repeat("none", width))}

            {trees}end of trees

            """;
        LightGbm.Check(LGBM_BoosterLoadModelFromString([.. Encoding.UTF8.GetBytes(model), 0], out _, out var booster));
        try
        {
            var count = rows.Length / width;
            LightGbm.Check(LGBM_BoosterCalcNumPredict(booster, count, Normal, 0, -1, out var length));
            var predictions = new double[length];
            LightGbm.Check(LGBM_BoosterPredictForMat(booster, rows, LightGbm.Float32, count, width, 1, Normal, 0, -1, [0], out _, predictions));
            return predictions;
        }
        finally
        {
            LightGbm.Check(LightGbm.LGBM_BoosterFree(booster));
        }
    }

    /// <summary>The trees of the first round, of rows that LightGBM takes all at once.</summary>
    public static string FirstRound(float[] rows, int width, float[] labels, string parameters)
    {
        LightGbm.Check(LGBM_DatasetCreateFromMat(rows, LightGbm.Float32, labels.Length, width, isRowMajor: 1, [.. Encoding.UTF8.GetBytes(parameters), 0], reference: 0, out var dataset));
        LightGbm.Check(LightGbm.LGBM_DatasetSetField(dataset, "label", labels, labels.Length, LightGbm.Float32));
        LightGbm.Check(LightGbm.LGBM_BoosterCreate(dataset, parameters, out var booster));
        LightGbm.Check(LightGbm.LGBM_BoosterUpdateOneIter(booster, out _));
        LightGbm.Check(LightGbm.LGBM_BoosterSaveModelToString(booster, 0, 0, 0, 0, out var length, []));
        var text = new byte[length];
        LightGbm.Check(LightGbm.LGBM_BoosterSaveModelToString(booster, 0, 0, 0, length, out _, text));
        LightGbm.Check(LightGbm.LGBM_BoosterFree(booster));
        LightGbm.Check(LightGbm.LGBM_DatasetFree(dataset));
        return ModelText.TreesAlone(Encoding.UTF8.GetString(text));
    }

    [DllImport("lib_lightgbm")]
    private static extern int LGBM_DatasetCreateFromMat(float[] data, int type, int rows, int columns, int isRowMajor, byte[] parameters, nint reference, out nint dataset);

    [DllImport("lib_lightgbm")]
    private static extern int LGBM_BoosterLoadModelFromString(byte[] model, out int iterations, out nint booster);

    [DllImport("lib_lightgbm")]
    private static extern int LGBM_BoosterCalcNumPredict(nint booster, int rows, int kind, int start, int iterations, out long length);

    [DllImport("lib_lightgbm")]
    private static extern int LGBM_BoosterPredictForMat(
        nint booster, float[] data, int type, int rows, int columns, int isRowMajor, int kind, int start, int iterations, byte[] parameters, out long length, double[] predictions);
}
