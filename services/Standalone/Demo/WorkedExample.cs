using System.Globalization;
using System.Text;
using Mlops.Tabular;

namespace Mlops.Standalone.Demo;

/// <summary>
/// The example that tutorials begin with: ten inputs and ten targets, all drawn from a standard normal distribution, so
/// that there is nothing to learn but the training rows themselves. Its test loss is near the targets' variance, 1, or above.
/// </summary>
internal static class WorkedExample
{
    public const string Name = "worked-example";

    private const int Rows = 1_100;
    private const int Width = 10;
    private const ulong Seed = 20;

    /// <summary>Columns x0 … x9 and y0 … y9.</summary>
    public static byte[] Csv()
    {
        var random = new SeededRandom(Seed);
        var csv = new StringBuilder(string.Join(',', Names('x').Concat(Names('y')))).Append('\n');
        for (var row = 0; row < Rows; row++)
            csv.AppendJoin(',', Enumerable.Range(0, 2 * Width).Select(_ => ((float)random.NextGaussian()).ToString("R", CultureInfo.InvariantCulture))).Append('\n');
        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    private static IEnumerable<string> Names(char letter) => Enumerable.Range(0, Width).Select(index => $"{letter}{index}");
}
