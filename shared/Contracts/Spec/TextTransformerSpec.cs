namespace Mlops.Contracts.Spec;

/// <summary>
/// An encoder over the words of running text (Vaswani et al., 2017): a vector for each word and each place, layers of
/// self-attention and a two-layer perceptron, each behind a layer normalisation (Xiong et al., 2020), and a linear head on the
/// mean over the words. Other columns are given to the head as they are. Dropout meets vectors, what attention gives and the
/// perceptrons, but not attention's own weights.
/// </summary>
public sealed record TextTransformerSpec : NetworkSpec
{
    /// <summary>Words of a text that are looked at, from its beginning.</summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>Words that have a vector of their own, at most: the commonest of the training rows. All others share one.</summary>
    public int Vocabulary { get; init; } = 10_000;

    /// <summary>Training rows in which such a word occurs, at least.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>Numbers in a vector; a multiple of <see cref="Heads"/>.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Number of layers.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Attention heads of a layer.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Units of a layer's perceptron.</summary>
    public int Hidden { get; init; } = 128;

    /// <summary>In the perceptrons.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    internal static new TextTransformerSpec Read(SpecReader reader, OptimizerSpec optimizer)
    {
        var otherwise = new TextTransformerSpec();
        var spec = new TextTransformerSpec
        {
            MaxTokens = reader.Integer("maxTokens", otherwise.MaxTokens, 1, 4_096),
            Vocabulary = reader.Integer("vocabulary", otherwise.Vocabulary, 1, 1_000_000),
            MinCount = reader.Integer("minCount", otherwise.MinCount, 1),
            Width = reader.Integer("width", otherwise.Width, 1, 4_096),
            Layers = reader.Integer("layers", otherwise.Layers, 1, 48),
            Heads = reader.Integer("heads", otherwise.Heads, 1, 256),
            Hidden = reader.Integer("hidden", otherwise.Hidden, 1, 65_536),
            Activation = reader.Choice("activation", otherwise.Activation),
            Dropout = ReadDropout(reader, otherwise.Dropout, optimizer),
        };
        if (spec.Width % spec.Heads != 0)
            reader.Report("width", $"{spec.Width} is not accepted with {spec.Heads} heads; a multiple of {spec.Heads} is");
        return spec;
    }
}
