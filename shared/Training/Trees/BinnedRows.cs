namespace Mlops.Training.Trees;

/// <summary>Rows as LightGBM keeps them, each number as the bin that it falls into.</summary>
internal sealed class BinnedRows : IDisposable
{
    /// <summary>Bins rows.</summary>
    /// <param name="rows">They are copied.</param>
    /// <param name="parameters">LightGBM's.</param>
    /// <param name="scores">Where the trees start from, outputs × rows; null for LightGBM's own choice.</param>
    /// <param name="sameBinsAs">The rows whose bins are to be used; null to find some.</param>
    public BinnedRows(TreeRows rows, string parameters, double[]? scores, BinnedRows? sameBinsAs)
    {
        LightGbm.Check(LightGbm.LGBM_DatasetCreateFromMat(
            rows.Inputs, LightGbm.Float32, rows.Count, rows.Width, isRowMajor: 1, parameters, sameBinsAs?.Handle ?? 0, out var handle));
        Handle = handle;
        LightGbm.Check(LightGbm.LGBM_DatasetSetField(handle, "label", rows.Labels, rows.Count, LightGbm.Float32));
        if (rows.Weights is { } weights)
            LightGbm.Check(LightGbm.LGBM_DatasetSetField(handle, "weight", weights, weights.Length, LightGbm.Float32));
        if (scores is not null)
            LightGbm.Check(LightGbm.LGBM_DatasetSetField(handle, "init_score", scores, scores.Length, LightGbm.Float64));
    }

    public nint Handle { get; }

    public void Dispose() => LightGbm.Check(LightGbm.LGBM_DatasetFree(Handle));
}
