using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>What callers of either front are told about a failure: a fault's own text, and nothing about ours.</summary>
internal static class ErrorText
{
    /// <summary>Of a defect of ours, whatever it was.</summary>
    public const string Internal = "internal error";

    /// <summary>A fault may quote a name of any length.</summary>
    private const int Longest = 2000;

    /// <summary>Of a text in a header: gRPC's C core refuses headers beyond 8 KiB, and the status goes with them.</summary>
    private const int LongestEncoded = 6000;

    public static string Of(Fault fault) => Cut(fault.Message, Longest);

    /// <summary>For a gRPC status, which travels in a header where each byte beyond ASCII takes three.</summary>
    public static string InHeader(Fault fault)
    {
        var (text, encoded, length) = (Of(fault), 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            encoded += rune.Value is >= ' ' and <= '~' and not '%' ? 1 : 3 * rune.Utf8SequenceLength;
            if (encoded > LongestEncoded)
                return Cut(text, length);
            length += rune.Utf16SequenceLength;
        }

        return text;
    }

    // Never between the halves of a surrogate pair.
    private static string Cut(string text, int length) =>
        text.Length <= length ? text : $"{text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)]}…";
}
