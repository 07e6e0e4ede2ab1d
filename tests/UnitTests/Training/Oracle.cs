using System.Text.Json;

namespace Mlops.UnitTests.Training;

/// <summary>Numbers that another implementation computed: tests/oracles and the scripts that made them.</summary>
internal static class Oracle
{
    public static JsonElement Read(string name, string folder = "training")
    {
        using var stream = typeof(Oracle).Assembly.GetManifestResourceStream($"{folder}/{name}.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    public static float[] Floats(this JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? [.. element.EnumerateArray().SelectMany(Floats)]
        : [element.GetSingle()];

    public static double[] Doubles(this JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? [.. element.EnumerateArray().SelectMany(Doubles)]
        : [element.GetDouble()];

    /// <summary>Standard normal numbers as the script makes them: SplitMix64, then Box–Muller in double precision.</summary>
    public static double[] Normals(ulong seed, int count)
    {
        var values = new double[count + 1];
        for (var index = 0; index < count; index += 2)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - Uniform(ref seed)));
            (values[index + 1], values[index]) = Math.SinCos(2 * Math.PI * Uniform(ref seed));
            values[index] *= radius;
            values[index + 1] *= radius;
        }
        return values[..count];
    }

    private static double Uniform(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * Math.Pow(2, -53);
    }
}
