namespace Mlops.Contracts.Spec;

/// <summary>Which smaller variants of the model to make, and how much worse one may be.</summary>
public sealed record CompressionSpec
{
    /// <summary>8-bit integer weights, activations quantised at run time.</summary>
    public const string Int8Dynamic = "int8-dynamic";

    /// <summary>16-bit floating point weights and arithmetic.</summary>
    public const string Float16 = "float16";

    /// <summary>Every method there is.</summary>
    public static IReadOnlyList<string> AllMethods { get; } = [Int8Dynamic, Float16];

    /// <summary>Methods to try, each giving one variant; empty for none.</summary>
    public IReadOnlyList<string> Methods { get; init; } = AllMethods;

    /// <summary>By how much the headline metric (accuracy, R²) of a variant may lie under the original's to be served instead.</summary>
    public double MaxQualityDrop { get; init; } = 0.01;

    internal static CompressionSpec Read(SpecReader reader)
    {
        var otherwise = new CompressionSpec();
        var methods = reader.Texts("methods") ?? otherwise.Methods;
        foreach (var method in methods.Where(method => !AllMethods.Contains(method)))
            reader.Report("methods", $"'{method}' is not accepted; {string.Join(", ", AllMethods)} are");
        if (methods.Distinct().Count() != methods.Count)
            reader.Report("methods", "a method stands twice; each is accepted once");
        var spec = new CompressionSpec
        {
            Methods = methods,
            MaxQualityDrop = reader.Number("maxQualityDrop", otherwise.MaxQualityDrop, 0, 1),
        };
        reader.End();
        return spec;
    }
}
