namespace Mlops.Training.Features;

/// <summary>Which texts stand for true and which for false.</summary>
internal static class TruthText
{
    private static readonly (string True, string False)[] Pairs = [("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off")];

    /// <summary>Each in small letters, in capitals and with a capital first.</summary>
    public static IReadOnlyList<(string Text, float Number)> All { get; } =
        [.. Pairs.SelectMany(pair => Cases(pair.True).Select(text => (text, 1f)).Concat(Cases(pair.False).Select(text => (text, 0f))))];

    /// <summary>Whether texts are the two of a pair.</summary>
    public static bool IsPair(IReadOnlyList<string> texts) =>
        texts.Count == 2 && Pairs.Any(pair => texts.Any(text => Cases(pair.True).Contains(text)) && texts.Any(text => Cases(pair.False).Contains(text)));

    private static IEnumerable<string> Cases(string text) => new[] { text, text.ToUpperInvariant(), char.ToUpperInvariant(text[0]) + text[1..] }.Distinct();
}
