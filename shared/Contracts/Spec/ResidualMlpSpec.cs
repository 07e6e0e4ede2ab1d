namespace Mlops.Contracts.Spec;

/// <summary>How a layer's values are brought to a common size.</summary>
public enum Normalization
{
    /// <summary>Each unit over the rows of a batch, and over the rows of training afterwards (Ioffe and Szegedy, 2015).</summary>
    Batch,

    /// <summary>Each row over its units (Ba, Kiros and Hinton, 2016).</summary>
    Layer,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>
/// A residual network for tables (Gorishniy et al., 2021): a layer to <see cref="Width"/> units; blocks that each add to what
/// they are given its normalisation, a layer to <see cref="Hidden"/> units, the activation, dropout and a layer back; then
/// normalisation, activation and the output.
/// </summary>
public sealed record ResidualMlpSpec : NetworkSpec
{
    /// <summary>Units between blocks, 1 to 65 536.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Units within a block, 1 to 65 536.</summary>
    public int Hidden { get; init; } = 128;

    /// <summary>Number of blocks, 1 to 64.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Within blocks and before the output.</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>At the begin of blocks and before the output.</summary>
    public Normalization Normalization { get; init; } = Normalization.Batch;

    internal static new ResidualMlpSpec Read(SpecReader reader, OptimizerSpec optimizer)
    {
        var otherwise = new ResidualMlpSpec();
        return new ResidualMlpSpec
        {
            Width = reader.Integer("width", otherwise.Width, 1, 65_536),
            Hidden = reader.Integer("hidden", otherwise.Hidden, 1, 65_536),
            Blocks = reader.Integer("blocks", otherwise.Blocks, 1, 64),
            Activation = reader.Choice("activation", otherwise.Activation),
            Normalization = reader.Choice("normalization", otherwise.Normalization),
            Dropout = ReadDropout(reader, otherwise.Dropout, optimizer),
        };
    }
}
