namespace Mlops.Training.Features;

/// <summary>What stands where in an encoded row.</summary>
/// <param name="Width">Numbers in a row.</param>
/// <param name="Codes">The places that hold codes, in their order; everywhere else are numbers that may be multiplied.</param>
internal sealed record RowLayout(int Width, IReadOnlyList<RowLayout.CodePlaces> Codes)
{
    /// <summary>The numbers between the codes: neighbouring ones together.</summary>
    public IReadOnlyList<(int Offset, int Width)> Numbers
    {
        get
        {
            var ends = new[] { 0 }.Concat(Codes.Select(codes => codes.Offset + codes.Width));
            return [.. ends.Zip(Codes.Select(codes => codes.Offset).Append(Width), (end, start) => (end, start - end)).Where(places => places.Item2 > 0)];
        }
    }

    /// <summary>A layout of numbers alone.</summary>
    public static RowLayout OfNumbers(int width) => new(width, []);

    public static RowLayout Of(Preprocessing preprocessing)
    {
        var codes = new List<CodePlaces>();
        var offset = preprocessing.Numbers.Width;
        foreach (var feature in preprocessing.Features)
        {
            if (feature.Codes > 0)
                codes.Add(new CodePlaces(feature.Name, offset, feature.Indicators, feature.Codes, feature is TokensFeature));
            offset += feature.Indicators;
        }
        return new RowLayout(offset, codes);
    }

    /// <summary>Neighbouring codes of one column.</summary>
    /// <param name="Name">The column.</param>
    /// <param name="Offset">Of the first.</param>
    /// <param name="Width">How many they are.</param>
    /// <param name="Count">Each is below that.</param>
    /// <param name="AreTokens">Whether they are the words of a text, 0 behind its end.</param>
    internal sealed record CodePlaces(string Name, int Offset, int Width, int Count, bool AreTokens);
}
