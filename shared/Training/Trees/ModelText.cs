using System.Globalization;

namespace Mlops.Training.Trees;

/// <summary>
/// Reads the trees out of LightGBM's model text: blocks of <c>name=values</c> lines that begin with <c>Tree=</c>. Numbers have
/// 17 digits, so that they are read back to the bit.
/// </summary>
internal static class ModelText
{
    // Of a split's decision_type: https://lightgbm.readthedocs.io names the cases, the bits are those of its file format.
    private const int Categorical = 1, DefaultLeft = 2, MissingShift = 2, MissingIsNaN = 2;

    /// <summary>What a model's text says of its trees, without what is the same in each of them.</summary>
    public static string TreesAlone(string model)
    {
        var start = model.IndexOf("Tree=0", StringComparison.Ordinal);
        return model[start..model.IndexOf("end of trees", start, StringComparison.Ordinal)];
    }

    /// <summary>The trees in their order.</summary>
    /// <param name="text">Of one round, or several after one another.</param>
    /// <param name="outputs">To which outputs the trees of a round belong.</param>
    public static IEnumerable<Tree> Trees(string text, IReadOnlyList<int> outputs)
    {
        var number = 0;
        Dictionary<string, string>? fields = null;
        foreach (var line in text.Split('\n'))
        {
            var end = line.IndexOf('=');
            if (line.StartsWith("Tree=", StringComparison.Ordinal))
                fields = [];
            else if (fields is not null && end > 0)
                fields[line[..end]] = line[(end + 1)..];
            else if (fields is { Count: > 0 })
            {
                yield return Read(fields, outputs[number++ % outputs.Count]);
                fields = null;
            }
        }
    }

    private static Tree Read(Dictionary<string, string> fields, int output)
    {
        var thresholds = Values(fields, "threshold", double.Parse);
        var decisions = Values(fields, "decision_type", int.Parse);
        if (decisions.Any(decision => (decision & Categorical) != 0))
            throw new InvalidOperationException("a split by category, where every feature is a number");
        return new Tree
        {
            Output = output,
            Features = Values(fields, "split_feature", int.Parse),
            Thresholds = [.. thresholds.Select(Tree.RoundDown)],
            MissingLeft = [.. decisions.Select((decision, split) => GoesLeft(decision, thresholds[split]))],
            Left = Values(fields, "left_child", int.Parse),
            Right = Values(fields, "right_child", int.Parse),
            Leaves = Values(fields, "leaf_value", double.Parse),
        };
    }

    // Where no training row that came to be binned had a missing number, LightGBM takes one for 0.
    private static bool GoesLeft(int decision, double threshold) =>
        (decision >> MissingShift) == MissingIsNaN ? (decision & DefaultLeft) != 0 : 0 <= threshold;

    private static T[] Values<T>(Dictionary<string, string> fields, string name, Func<string, CultureInfo, T> parse) =>
        fields.TryGetValue(name, out var values) && values.Length > 0
            ? [.. values.Split(' ').Select(value => parse(value, CultureInfo.InvariantCulture))]
            : [];
}
