namespace Mlops.Contracts.Spec;

/// <summary>
/// Asynchronous successive halving in its stopping variant (Li et al., "A system for massively parallel hyperparameter tuning",
/// 2020). After <see cref="MinEpochs"/>, and after each <see cref="Reduction"/> times as many, a trial goes on only if it is
/// among the best 1/<see cref="Reduction"/> of those that have got as far by then.
/// </summary>
public sealed record SuccessiveHalvingSpec
{
    /// <summary>The only kind there is.</summary>
    public string Type { get; init; } = TypeName;

    /// <summary>Epochs, or rounds of boosted trees, that every trial is given.</summary>
    public int MinEpochs { get; init; } = 5;

    /// <summary>η: one of how many goes on.</summary>
    public int Reduction { get; init; } = 3;

    private const string TypeName = "successive-halving";

    internal static SuccessiveHalvingSpec Read(SpecReader reader)
    {
        var otherwise = new SuccessiveHalvingSpec();
        var spec = new SuccessiveHalvingSpec
        {
            Type = reader.OneOf("type", TypeName, [TypeName]),
            MinEpochs = reader.Integer("minEpochs", otherwise.MinEpochs, 1, 1_000_000),
            Reduction = reader.Integer("reduction", otherwise.Reduction, 2, 100),
        };
        reader.End();
        return spec;
    }
}
