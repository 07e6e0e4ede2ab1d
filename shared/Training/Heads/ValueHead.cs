using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using static TorchSharp.torch;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Heads;

/// <summary>An output for each target, taken back to its units.</summary>
internal sealed class ValueHead(NumericEncoding target) : Head
{
    private float[] Deviations => [.. target.Moments.Select(moments => (float)moments.Deviation)];

    private float[] Means => [.. target.Moments.Select(moments => (float)moments.Mean)];

    public override int Outputs => target.Width;

    public override Tensor Answer(Tensor output) => target.Scaling == TargetScaling.Standard
        ? output.mul(tensor(Deviations, device: output.device)).add(tensor(Means, device: output.device))
        : output;

    public override void Export(GraphBuilder graph, string output)
    {
        if (target.Scaling == TargetScaling.Standard)
        {
            var scaled = graph.Node("Mul", [output, graph.Floats("target/deviation", Deviations, target.Width)]);
            output = graph.Node("Add", [scaled, graph.Floats("target/mean", Means, target.Width)]);
        }
        graph.Output(ModelSignature.ValueOutput, output, DataType.Float, -1, target.Width);
    }
}
