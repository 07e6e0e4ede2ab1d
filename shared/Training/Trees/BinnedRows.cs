using System.Runtime.InteropServices;
using System.Text;

namespace Mlops.Training.Trees;

/// <summary>Rows as LightGBM keeps them, each number as the bin that it falls into.</summary>
internal sealed class BinnedRows : IDisposable
{
    private readonly nint _handle;

    /// <summary>Bins rows: a byte or two of each number are kept.</summary>
    public BinnedRows(TreeRows rows, string parameters)
    {
        var sample = ColumnSample.Of(rows, parameters);
        LightGbm.Check(LightGbm.LGBM_DatasetCreateFromSampledColumn(
            sample.Values, sample.Places, rows.Width, sample.Counts, sample.Rows, rows.Count, rows.Count, parameters, out _handle));
        GC.KeepAlive(sample);
        rows.Read((inputs, first) => LightGbm.Check(
            LightGbm.LGBM_DatasetPushRows(_handle, in MemoryMarshal.GetReference(inputs), LightGbm.Float32, inputs.Length / rows.Width, rows.Width, first)));
        LightGbm.Check(LightGbm.LGBM_DatasetSetField(_handle, "label", rows.Labels, rows.Count, LightGbm.Float32));
        if (rows.Weights is { } weights)
            LightGbm.Check(LightGbm.LGBM_DatasetSetField(_handle, "weight", weights, weights.Length, LightGbm.Float32));
    }

    /// <summary>Grows the trees of one round.</summary>
    /// <param name="parameters">LightGBM's.</param>
    /// <param name="scores">Where they start from, outputs × rows; null for LightGBM's own choice, which becomes part of the leaves.</param>
    /// <returns>The trees in LightGBM's words, and whether none of them has a split.</returns>
    public (string Text, bool IsFinished) Grow(string parameters, double[]? scores)
    {
        if (scores is not null)
            LightGbm.Check(LightGbm.LGBM_DatasetSetField(_handle, "init_score", scores, scores.Length, LightGbm.Float64));
        LightGbm.Check(LightGbm.LGBM_BoosterCreate(_handle, parameters, out var booster));
        try
        {
            LightGbm.Check(LightGbm.LGBM_BoosterUpdateOneIter(booster, out var isFinished));
            return (TextOf(booster), isFinished != 0);
        }
        finally
        {
            LightGbm.Check(LightGbm.LGBM_BoosterFree(booster));
        }
    }

    public void Dispose() => LightGbm.Check(LightGbm.LGBM_DatasetFree(_handle));

    private static string TextOf(nint booster)
    {
        LightGbm.Check(LightGbm.LGBM_BoosterSaveModelToString(booster, 0, 0, 0, 0, out var length, []));
        var text = new byte[length];
        LightGbm.Check(LightGbm.LGBM_BoosterSaveModelToString(booster, 0, 0, 0, length, out _, text));
        return ModelText.TreesAlone(Encoding.UTF8.GetString(text));
    }
}
