using Mlops.Onnx;

namespace Mlops.Training.Features;

/// <summary>
/// The words of a text: runs of letters and digits, and each sign of Chinese or Japanese for itself. A to Z become a to z;
/// other letters stay, as the graph's operators leave them. From U+00C0 on everything counts as a letter but the blocks of
/// punctuation, symbols and private use that are left out here.
/// </summary>
internal static class WordTokens
{
    // First and last of each block. Beyond U+FFFF (in UTF-16 pairs of surrogates) everything counts as a letter.
    private static readonly (char First, char Last)[] Letters =
        [('0', '9'), ('a', 'z'), ('\u00AA', '\u00AA'), ('\u00B5', '\u00B5'), ('\u00BA', '\u00BA'), ('\u00C0', '\u1FFF'), ('\u2C00', '\u2DFF'), ('\uA000', '\uDFFF'), ('\uF900', '\uFDFF'), ('\uFE70', '\uFEFE')];

    private static readonly (char First, char Last) Signs = ('\u3040', '\u9FFF');

    // The same in RE2's words, for texts in small letters.
    private static readonly string Expression =
        $"[{string.Concat(Letters.Where(block => block.First != '\uA000').Select(block => ClassOf(block.First, block.Last)))}{ClassOf('\uA000', '\uD7FF')}\\x{{10000}}-\\x{{10FFFF}}]+|[{ClassOf(Signs.First, Signs.Last)}]";

    /// <summary>The words in their order.</summary>
    public static List<string> Of(string text)
    {
        var words = new List<string>();
        var small = string.Create(text.Length, text, (target, source) =>
        {
            for (var index = 0; index < target.Length; index++)
                target[index] = char.IsAsciiLetterUpper(source[index]) ? (char)(source[index] | 0x20) : source[index];
        });
        var start = 0;
        for (var index = 0; index <= small.Length; index++)
        {
            if (index < small.Length && IsLetter(small[index]))
                continue;
            if (index > start)
                words.Add(small[start..index]);
            if (index < small.Length && small[index] >= Signs.First && small[index] <= Signs.Last)
                words.Add(small[index].ToString());
            start = index + 1;
        }
        return words;
    }

    /// <summary>Does the same in a graph.</summary>
    /// <param name="graph">Takes the nodes.</param>
    /// <param name="input">Texts [N, 1].</param>
    /// <returns>Words [N, those of the text with the most]; empty ones behind a text's end.</returns>
    public static string Export(GraphBuilder graph, string input)
    {
        var texts = graph.Node("Reshape", [input, graph.Integers("features/rows", -1)]);
        // The locale "C" is everywhere.
        var small = graph.Node("StringNormalizer", [texts],
            GraphBuilder.Attribute("case_change_action", "LOWER"), GraphBuilder.Attribute("is_case_sensitive", 0L), GraphBuilder.Attribute("locale", "C"));
        return graph.Tokens(small, Expression, padding: "");
    }

    private static bool IsLetter(char sign)
    {
        foreach (var (first, last) in Letters)
            if (sign >= first && sign <= last)
                return true;
        return false;
    }

    private static string ClassOf(int first, int last) => $"\\x{{{first:X}}}-\\x{{{last:X}}}";
}
