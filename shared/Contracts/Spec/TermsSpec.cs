namespace Mlops.Contracts.Spec;

/// <summary>
/// Which terms of running text count, and how much: TF-IDF as scikit-learn's TfidfVectorizer defines it (smoothed, each text
/// divided by its Euclidean length). A term is a word or several that follow each other; a word is a run of letters and
/// digits, in which A to Z count as a to z, or one sign of Chinese or Japanese.
/// </summary>
public sealed record TermsSpec
{
    /// <summary>Words that a term has, at most.</summary>
    public int Words { get; init; } = 2;

    /// <summary>Training rows in which a term occurs, at least.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>Terms, at most: the commonest of the training rows.</summary>
    public int MaxTerms { get; init; } = 10_000;

    /// <summary>Whether a term that occurs n times in a text counts 1 + ln n instead of n.</summary>
    public bool Sublinear { get; init; } = true;

    internal static TermsSpec Read(SpecReader reader)
    {
        var otherwise = new TermsSpec();
        var spec = new TermsSpec
        {
            Words = reader.Integer("words", otherwise.Words, 1, 5),
            MinCount = reader.Integer("minCount", otherwise.MinCount, 1),
            MaxTerms = reader.Integer("maxTerms", otherwise.MaxTerms, 1, 100_000),
            Sublinear = reader.Flag("sublinear", otherwise.Sublinear),
        };
        reader.End();
        return spec;
    }
}
