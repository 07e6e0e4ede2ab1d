namespace Mlops.Training.Features;

/// <summary>How often terms occur in the training rows of a column.</summary>
internal sealed class TermCounts
{
    private readonly Dictionary<string, int> _occurrences = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);

    /// <summary>Counts the terms of so many words or fewer.</summary>
    public static TermCounts Of(TrainingLevels column, int words)
    {
        var counts = new TermCounts();
        foreach (var (text, count) in column.Levels)
        {
            foreach (var (term, times) in TermsOf(text, words).CountBy(term => term))
            {
                counts._rows[term] = counts._rows.GetValueOrDefault(term) + count;
                counts._occurrences[term] = counts._occurrences.GetValueOrDefault(term) + (count * times);
            }
        }
        return counts;
    }

    /// <summary>Rows in which a term occurs.</summary>
    public int RowsWith(string term) => _rows[term];

    /// <summary>The terms that occur most often, of those in enough rows; equally common ones by ordinal.</summary>
    public IEnumerable<string> Commonest(int minRows, int most) => _rows.Keys.Where(term => _rows[term] >= minRows)
        .OrderByDescending(term => _occurrences[term]).ThenBy(term => term, StringComparer.Ordinal)
        .Take(most);

    /// <summary>The terms of a text: its words, then those that follow each other by two, and so on, a space between them.</summary>
    public static IEnumerable<string> TermsOf(string text, int most)
    {
        var words = WordTokens.Of(text);
        for (var length = 1; length <= most; length++)
            for (var start = 0; start + length <= words.Count; start++)
                yield return string.Join(' ', words[start..(start + length)]);
    }
}
