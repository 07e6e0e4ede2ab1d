namespace Mlops.Contracts.Spec;

/// <summary>
/// A small convolutional network: for each entry of <see cref="Channels"/> a 3×3 convolution (padded), its normalisation, the
/// activation and 2×2 max pooling where the image is still at least 2×2; then fully connected layers.
/// </summary>
public sealed record CnnSpec : NetworkSpec
{
    /// <summary>Channels, height, width; their product is the number of numeric features, in row-major order.</summary>
    public IReadOnlyList<int> Shape { get; init; } = [];

    /// <summary>Output channels of each convolution; at least one.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [16, 32];

    /// <summary>
    /// Between convolution and activation: batch (each channel over rows, height and width) or none. Convolutions that are
    /// normalised have no bias, which the normalisation would take away again.
    /// </summary>
    public Normalization Normalization { get; init; } = Normalization.None;

    /// <summary>
    /// Whether the fully connected layers are given each channel's average over height and width (Lin, Chen and Yan, "Network in
    /// Network", 2013) instead of all its values.
    /// </summary>
    public bool GlobalAveragePooling { get; init; }

    /// <summary>Units of the fully connected layers between the convolutions and the output.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [64];

    /// <summary>After each convolution and hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    internal static new CnnSpec Read(SpecReader reader, OptimizerSpec optimizer)
    {
        var otherwise = new CnnSpec();
        var spec = new CnnSpec
        {
            Shape = reader.Integers("shape", otherwise.Shape, 1, 4_096, maxCount: 3),
            Channels = reader.Integers("channels", otherwise.Channels, 1, 4_096, maxCount: 16),
            Normalization = reader.Choice("normalization", otherwise.Normalization),
            GlobalAveragePooling = reader.Flag("globalAveragePooling", otherwise.GlobalAveragePooling),
            Hidden = reader.Integers("hidden", otherwise.Hidden, 1, 65_536, maxCount: 16),
            Activation = reader.Choice("activation", otherwise.Activation),
            Dropout = ReadDropout(reader, otherwise.Dropout, optimizer),
        };
        if (spec.Shape.Count != 3)
            reader.Report("shape", "missing or not of 3 numbers; [channels, height, width] is accepted");
        if (spec.Channels.Count == 0)
            reader.Report("channels", "an empty list is not accepted; the output channels of at least one convolution are");
        if (spec.Normalization == Normalization.Layer)
            reader.Report("normalization", "layer is not accepted with model.type cnn; batch and none are");
        return spec;
    }
}
