using Mlops.Contracts.Spec;
using Mlops.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>A normalisation of [N, units], or of images, with its ONNX export.</summary>
internal abstract class Norm(string name)
{
    private const double Epsilon = 1e-5;

    public string Name { get; } = name;

    public abstract nn.Module Module { get; }

    public abstract Tensor Forward(Tensor input, bool training);

    public abstract string Export(GraphBuilder graph, string input);

    /// <returns>Null where nothing is normalised.</returns>
    public static Norm? Of(Normalization normalization, string name, int units) => normalization switch
    {
        Normalization.Batch => new OverRows(name, nn.BatchNorm1d(units, Epsilon), units),
        Normalization.Layer => new OverUnits(name, nn.LayerNorm(units, Epsilon)),
        _ => null,
    };

    /// <summary>Of [N, channels, height, width].</summary>
    /// <returns>Null where nothing is normalised.</returns>
    public static Norm? OfImages(Normalization normalization, string name, int channels) =>
        normalization == Normalization.Batch ? new OverRows(name, nn.BatchNorm2d(channels, Epsilon), channels, 1, 1) : null;

    // The shape is that of a number for each unit or channel, as it stands beside the values of a row.
    private sealed class OverRows(string name, NormBase module, params long[] shape) : Norm(name)
    {
        public override nn.Module Module => module;

        public override Tensor Forward(Tensor input, bool training)
        {
            module.train(training);
            return module.forward(input);
        }

        // With means and variances that no longer change it is a product and a sum.
        public override string Export(GraphBuilder graph, string input)
        {
            var (means, variances) = (module.running_mean!.ToFloats(), module.running_var!.ToFloats());
            var (weights, biases) = (module.weight!.ToFloats(), module.bias!.ToFloats());
            float[] scales = [.. weights.Select((weight, unit) => (float)(weight / Math.Sqrt(variances[unit] + Epsilon)))];
            float[] shifts = [.. biases.Select((bias, unit) => (float)(bias - ((double)means[unit] * scales[unit])))];
            var scaled = graph.Node("Mul", [input, graph.Floats("network/scale", scales, shape)]);
            return graph.Node("Add", [scaled, graph.Floats("network/shift", shifts, shape)]);
        }
    }

    private sealed class OverUnits(string name, LayerNorm module) : Norm(name)
    {
        public override nn.Module Module => module;

        public override Tensor Forward(Tensor input, bool training) => module.forward(input);

        public override string Export(GraphBuilder graph, string input) => module.Export(graph, input);
    }
}
