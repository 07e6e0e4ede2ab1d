namespace Mlops.Inference.Rollouts;

/// <summary>Whether two versions answered the same request differently.</summary>
public static class AnswerComparison
{
    /// <summary>By how much numbers may differ, as a share of the larger of 1 and the champion's.</summary>
    public const double Tolerance = 0.05;

    /// <summary>
    /// Where a model decides (texts, whole numbers, truth values), its decisions are compared and the numbers behind them are not;
    /// where it gives numbers alone, these are. Outputs of other names or shapes differ.
    /// </summary>
    public static bool Differ(IReadOnlyList<OutputTensor> champions, IReadOnlyList<OutputTensor> candidates)
    {
        if (champions.Count != candidates.Count)
            return true;
        var decides = champions.Any(output => !OutputElements.Of(output).IsNumber);
        foreach (var champion in champions)
        {
            var found = candidates.FirstOrDefault(output => output.Name == champion.Name && output.Datatype == champion.Datatype);
            if (found.Name is null || !found.Shape.AsSpan().SequenceEqual(champion.Shape) || Differ(champion, found, decides))
                return true;
        }

        return false;
    }

    private static bool Differ(in OutputTensor champion, in OutputTensor candidate, bool decides)
    {
        var (expected, actual) = (OutputElements.Of(champion), OutputElements.Of(candidate));
        if (!expected.IsNumber)
            return !champion.Contents.Span.SequenceEqual(candidate.Contents.Span);
        if (decides)
            return false;
        for (var index = 0; index < expected.Count; index++)
        {
            var (one, other) = (expected.Number(index), actual.Number(index));
            // Not a number differs from every number, and infinity from all but itself.
            if (!one.Equals(other) && !(double.IsFinite(one) && Math.Abs(one - other) <= Tolerance * Math.Max(1, Math.Abs(one))))
                return true;
        }

        return false;
    }
}
