using System.Globalization;

namespace Mlops.UnitTests.Datasets;

/// <summary>A small data set that a model can be trained on: 20 rows, two kinds of ten, one size missing.</summary>
internal static class Flowers
{
    public const string Spec = """{"task":"classification","target":"kind"}""";

    public static readonly string Csv = "size,colour,kind\n" + Rows(0);

    /// <summary>Rows of the same columns; those of another seed are other bytes.</summary>
    public static string Rows(int seed) => string.Concat(Enumerable.Range(0, 20).Select(i =>
        string.Create(CultureInfo.InvariantCulture, $"{(i == 3 ? "" : $"{i + (seed * 100)}.5")},{(i % 3 == 0 ? "red" : "blue")},{(i < 10 ? "rose" : "tulip")}\n")));
}
