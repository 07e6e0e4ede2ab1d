using Mlops.Training.Optimization;

namespace Mlops.Training.Gradients;

/// <summary>Where a layer's weight [outputs, inputs] and bias [outputs] lie among those of all layers, or their gradients.</summary>
internal sealed record LayerWindows(WeightRange Weight, WeightRange Bias)
{
    public int Outputs { get; } = (int)Weight.Parameter.shape[0];

    public int Inputs { get; } = (int)(Weight.Length / Weight.Parameter.shape[0]);

    public Matrix WeightIn(Span<float> all) => new(all.Slice((int)Weight.Start, (int)Weight.Length), Outputs, Inputs, Inputs);

    public Span<float> BiasIn(Span<float> all) => all.Slice((int)Bias.Start, (int)Bias.Length);
}
