using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>A learned vector for each code.</summary>
internal static class Embeddings
{
    /// <summary>Vectors of normally distributed numbers; that of the code 0 is zero.</summary>
    /// <param name="count">Codes.</param>
    /// <param name="width">Numbers in a vector.</param>
    /// <param name="deviation">Their standard deviation.</param>
    public static Embedding Create(int count, int width, double deviation)
    {
        using var _ = no_grad();
        var embedding = nn.Embedding(count, width);
        embedding.weight!.mul_(deviation);
        embedding.weight!.narrow(0, 0, 1).zero_();
        return embedding;
    }
}
