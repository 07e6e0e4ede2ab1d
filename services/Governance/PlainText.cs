using Mlops.Contracts;

namespace Mlops.Governance;

/// <summary>Texts that people write and others read in lists and logs.</summary>
internal static class PlainText
{
    /// <summary>Adds what is wrong with the text to <paramref name="problems"/>.</summary>
    /// <param name="field">The text's field.</param>
    /// <param name="value">The text, trimmed.</param>
    /// <param name="max">How many characters it may have.</param>
    /// <param name="meaning">What it stands for.</param>
    /// <param name="problems">What was found so far.</param>
    public static void Check(string field, string? value, int max, string meaning, List<Problem> problems)
    {
        if (string.IsNullOrEmpty(value))
            problems.Add(new Problem(field, $"missing; {meaning}, in 1 to {max} characters, is accepted"));
        else if (value.Length > max)
            problems.Add(new Problem(field, $"{value.Length} characters are not accepted; 1 to {max} are"));
        else if (value.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t')))
            problems.Add(new Problem(field, "control characters are not accepted; printable text is"));
    }
}
