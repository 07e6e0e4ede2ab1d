namespace Mlops.Tabular;

/// <summary>Whole numbers in place of fractions, without changing a sum.</summary>
internal static class Apportionment
{
    /// <summary>Each quota rounded up or down, so that all sum to <paramref name="total"/>: the largest remainders go up.</summary>
    /// <param name="quotas">Not negative; their sum is the total, but for rounding.</param>
    /// <param name="total">What the result sums to.</param>
    public static int[] ByLargestRemainder(ReadOnlySpan<double> quotas, int total)
    {
        var whole = new int[quotas.Length];
        var remainders = new double[quotas.Length];
        for (var i = 0; i < whole.Length; i++)
        {
            // A quota that misses a whole number by a rounding error is that number.
            whole[i] = (int)Math.Floor(quotas[i] + 1e-9);
            remainders[i] = Math.Round(quotas[i] - whole[i], 9);
        }
        var up = Enumerable.Range(0, whole.Length).OrderByDescending(i => remainders[i]).Take(total - whole.Sum());
        foreach (var i in up)
            whole[i]++;
        return whole;
    }
}
