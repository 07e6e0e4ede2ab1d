namespace Mlops.Contracts.Spec;

/// <summary>What a row of each class counts in the loss, whose mean is one of rows so weighted.</summary>
public sealed record ClassWeightsSpec
{
    /// <summary>Whether each class counts rows ÷ (classes × its rows), of the training rows, so that all classes count the same.</summary>
    public bool Balanced { get; init; }

    /// <summary>By class, above 0; classes that are not named count 1. Empty where <see cref="Balanced"/>.</summary>
    public IReadOnlyDictionary<string, double> Of { get; init; } = new SortedDictionary<string, double>(StringComparer.Ordinal);

    internal static ClassWeightsSpec Read(SpecReader reader)
    {
        var of = reader.Section("of");
        var spec = new ClassWeightsSpec
        {
            Balanced = reader.Flag("balanced", false),
            Of = new SortedDictionary<string, double>(of.OwnNames().ToDictionary(name => name, name => of.Number(name, 1, 0, 1e6, openMin: true)), StringComparer.Ordinal),
        };
        if (spec is { Balanced: true, Of.Count: > 0 })
            reader.Report("of", "not accepted together with balanced, which says them all; one of both is");
        reader.End();
        return spec;
    }
}
