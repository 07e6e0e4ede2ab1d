using Mlops.Contracts.Spec;

namespace Mlops.Training.Gradients;

/// <summary>What a network does beside its layers' products, where convolutions, if any, and then fully connected layers follow one another.</summary>
/// <param name="Activation">Of each layer but the last; units of the fully connected ones are then switched off by dropout.</param>
internal sealed record LayerStack(Activation Activation)
{
    /// <summary>Whether dropout meets the inputs too.</summary>
    public bool DropsInputs { get; init; }

    /// <summary>The images that convolutions are given, in their order.</summary>
    public IReadOnlyList<ImageShape> Images { get; init; } = [];
}

/// <summary>An image that a convolution is given.</summary>
/// <param name="Channels">Numbers at a place.</param>
/// <param name="Height">Rows of places.</param>
/// <param name="Width">Places in a row.</param>
/// <param name="Pools">Whether what the convolution gives is pooled.</param>
internal sealed record ImageShape(int Channels, int Height, int Width, bool Pools)
{
    public int Positions => Height * Width;

    /// <summary>Of what comes of it.</summary>
    public int PositionsLeft => Pools ? Height / 2 * (Width / 2) : Positions;
}
