namespace Mlops.Contracts.Spec;

/// <summary>
/// Running text as the weights of its terms (<c>preprocessing.text</c>), whatever their order, into a linear model or a
/// multi-layer perceptron. Other columns stand beside them.
/// </summary>
public sealed record TextBagSpec : PerceptronSpec
{
    /// <summary>A linear model. Of ten thousand terms most say little; dropping many at each step keeps few from deciding.</summary>
    public TextBagSpec() => (Hidden, Dropout) = ([], 0.7);
}
