using Mlops.Contracts;
using Mlops.Onnx.Format;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Onnx;

/// <summary>
/// The compression method <c>float16</c>: the network in half precision, with its weights; what the graph takes and gives stays
/// in 32 bits, and so do preprocessing and what follows the last layer (softmax, scaling back to the target's unit).
/// </summary>
/// <remarks>
/// A layer with a weight that a half cannot hold (above 65 504, or not finite) stays in 32 bits. Smaller weights are rounded
/// half to even, by at most 1/2048 of themselves, or of 2⁻¹⁴ below that. An activation above 65 504 becomes infinite when the
/// model runs: the evaluation of the variant shows it.
/// </remarks>
public static class Float16Conversion
{
    /// <summary>A copy of the model with its layers in half precision.</summary>
    /// <exception cref="Fault">The model does not hang together, or has nothing to convert.</exception>
    public static ModelProto Apply(ModelProto model)
    {
        GraphChecker.Check(model);
        var rewrite = new GraphRewrite(model);
        var region = Float16Region.Find(rewrite);
        if (region.Count == 0)
            throw Fault.Invalid("model", "no MatMul, Gemm or Conv with constant 32-bit float weights that 16 bits can hold; without one there is nothing to convert");
        var halves = new Halves(rewrite);
        var leaving = ReadOutside(rewrite, region);
        foreach (var node in rewrite.Nodes)
        {
            if (region.Contains(node))
                halves.Convert(node, leaving.Contains(node.Output[0]));
            else
                rewrite.Keep(node);
        }
        return rewrite.Finish();
    }

    /// <summary>The values that a 32-bit reader needs.</summary>
    private static HashSet<string> ReadOutside(GraphRewrite rewrite, IReadOnlySet<NodeProto> region)
    {
        var read = rewrite.Nodes.Where(node => !region.Contains(node)).SelectMany(GraphUses.ReadBy).ToHashSet(StringComparer.Ordinal);
        read.UnionWith(rewrite.Graph.Output.Select(output => output.Name));
        return read;
    }

    /// <summary>The 16-bit twins of 32-bit values, each made once.</summary>
    private sealed class Halves(GraphRewrite rewrite)
    {
        private readonly Dictionary<string, string> _twins = new(StringComparer.Ordinal);

        public void Convert(NodeProto node, bool leaves)
        {
            foreach (var index in Float16Region.DataInputs(node))
                node.Input[index] = TwinOf(node.Input[index]);
            var output = node.Output[0];
            node.Output[0] = _twins[output] = rewrite.Fresh($"{output}_float16");
            rewrite.Keep(node);
            if (leaves)
                rewrite.Emit("Cast", [node.Output[0]], output, [To(DataType.Float)]);
        }

        private string TwinOf(string name)
        {
            if (_twins.TryGetValue(name, out var twin))
                return twin;
            return _twins[name] = rewrite.FloatConstant(name) is { } tensor
                ? rewrite.Constant(Half(tensor))
                : rewrite.Emit("Cast", [name], rewrite.Fresh($"{name}_float16"), [To(DataType.Float16)]);
        }

        private static AttributeProto To(DataType type) => GraphBuilder.Attribute("to", (long)type);

        private static TensorProto Half(TensorProto tensor)
        {
            var halves = Array.ConvertAll(Tensors.Floats(tensor), value => (Half)value);
            return Tensors.Of($"{tensor.Name}_float16", halves, [.. tensor.Dims]);
        }
    }
}
