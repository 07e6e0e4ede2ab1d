namespace Mlops.Scoring.Metrics;

/// <summary>
/// Area under the receiver operating characteristic: the chance that a row of the class gets a higher probability of it than
/// a row of another (a tie counts half). By ranks: Mann and Whitney, 1947.
/// </summary>
public static class RocAuc
{
    /// <summary>The area of each class against the rest; null where all rows or none are of it; NaN where a probability is.</summary>
    public static double?[] OneVersusRest(ReadOnlySpan<int> actual, Scores scores)
    {
        var areas = new double?[scores.Width];
        var probabilities = new float[scores.Rows];
        for (var index = 0; index < areas.Length; index++)
        {
            for (var row = 0; row < probabilities.Length; row++)
                probabilities[row] = scores.Row(row)[index];
            areas[index] = Of(actual, index, probabilities);
        }
        return areas;
    }

    /// <summary>
    /// The metric: of two classes the area of the second, of more the mean of the areas that there are; NaN where there is none.
    /// </summary>
    public static double Mean(IReadOnlyList<double?> areas) => (areas.Count == 2 ? areas[1] : areas.Average()) ?? double.NaN;

    private static double? Of(ReadOnlySpan<int> actual, int index, float[] probabilities)
    {
        long positives = actual.Count(index), negatives = actual.Length - positives;
        if (positives == 0 || negatives == 0)
            return null;
        if (probabilities.Any(float.IsNaN))
            return double.NaN;
        int[] order = [.. Enumerable.Range(0, probabilities.Length)];
        Array.Sort((float[])probabilities.Clone(), order);
        double rankSum = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            // Rows with one probability share the mean of their ranks, which count from 1.
            var ofClass = 0;
            for (end = start; end < order.Length && probabilities[order[end]] == probabilities[order[start]]; end++)
                if (actual[order[end]] == index)
                    ofClass++;
            rankSum += ofClass * (start + 1 + end) / 2.0;
        }
        return (rankSum - positives * (positives + 1) / 2.0) / ((double)positives * negatives);
    }
}
