namespace Mlops.Contracts.Spec;

/// <summary>Who decides that a model is served.</summary>
public enum PromotionMode
{
    /// <summary>The pipeline: the fastest variant that passed and is within the quality drop.</summary>
    Automatic,

    /// <summary>A person, through the governance API.</summary>
    Manual,
}

/// <summary>How a model comes to be served.</summary>
public sealed record PromotionSpec
{
    /// <summary>Who decides.</summary>
    public PromotionMode Mode { get; init; } = PromotionMode.Automatic;

    internal static PromotionSpec Read(SpecReader reader)
    {
        var spec = new PromotionSpec { Mode = reader.Choice("mode", PromotionMode.Automatic) };
        reader.End();
        return spec;
    }
}
