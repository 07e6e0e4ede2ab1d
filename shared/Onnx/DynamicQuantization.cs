using Mlops.Contracts;
using Mlops.Onnx.Format;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Onnx;

/// <summary>
/// The compression method <c>int8-dynamic</c>: 8-bit weights; activations are quantised when the model runs.
/// </summary>
/// <remarks>
/// A MatMul or Gemm with a constant weight becomes DynamicQuantizeLinear → MatMulInteger → Cast → Mul by both scales
/// (→ Add of the bias): the shape that ONNX Runtime fuses into one kernel. Convolutions keep float arithmetic and get their
/// weights from DequantizeLinear. Everything else stays. Only operators of ONNX's own domain, opset 13 and above.
/// <para>DynamicQuantizeLinear takes one range over the whole activation, all rows of the batch together: the answer to a
/// row depends on the company it is in, strongly so beside an outlier. A NaN that enters such a layer does not come out as one.</para>
/// <para>Tens of units are too few: the file of a tiny network grows. Compare sizes.</para>
/// <para>The weights of products are stored as unsigned bytes around 128, the same numbers as signed ones around 0. On x86
/// without VNNI, ONNX Runtime multiplies unsigned by signed bytes with an instruction that saturates at 16 bits; measured
/// with AVX2 on a 1024-wide perceptron, signed weights were off by 23 % of the output's range, signed ones of 7 bits by 2 %,
/// unsigned ones by 0.6 % (at 0.38, 0.39 and 0.58 of the float model's time). What was evaluated on one machine must be what another serves, so: unsigned.</para>
/// </remarks>
public static class DynamicQuantization
{
    // Of DequantizeLinear with a scale per channel.
    private const int MinOpset = 13;

    /// <summary>A copy of the model with 8-bit weights.</summary>
    /// <exception cref="Fault">The model does not hang together, is of an older operator set, or has nothing to quantise.</exception>
    public static ModelProto Apply(ModelProto model)
    {
        GraphChecker.Check(model);
        var opset = model.OpsetImport.FirstOrDefault(import => GraphChecker.DomainOf(import.Domain).Length == 0)?.Version ?? 0;
        if (opset < MinOpset)
            throw Fault.Invalid("model", $"operator set {opset}; {MinOpset} and above can be quantised");
        var rewrite = new GraphRewrite(model);
        var layers = new QuantizedLayers(rewrite);
        var replaced = 0;
        foreach (var node in rewrite.Nodes)
        {
            if (layers.TryReplace(node))
                replaced++;
            else
                rewrite.Keep(node);
        }
        return replaced > 0
            ? rewrite.Finish()
            : throw Fault.Invalid("model", "no MatMul, Gemm or Conv with constant 32-bit float weights; without one there is nothing to quantise");
    }

    /// <summary>Replaces layers one by one; what two of them can share is made once.</summary>
    private sealed class QuantizedLayers(GraphRewrite rewrite)
    {
        // Above it the 32-bit sum of 255 × 127 could overflow.
        private const int MaxDepth = int.MaxValue / (255 * Int8Weights.Limit);

        private const byte ZeroPoint = 128;

        private readonly Dictionary<string, IReadOnlyList<string>> _activations = [];
        private readonly Dictionary<Matrix, (string Values, string Scales)> _matrices = [];
        private readonly Dictionary<string, string> _kernels = [];

        private string? _weightZeroPoint;

        private readonly record struct Matrix(string Weight, bool Transposed, float Factor);

        public bool TryReplace(NodeProto node)
        {
            if (GraphRewrite.IsOnnx(node, "MatMul"))
                return TryReplaceProduct(node, transposed: false, alpha: 1, bias: null);
            if (GraphRewrite.IsOnnx(node, "Gemm"))
                return TryReplaceGemm(node);
            return GraphRewrite.IsOnnx(node, "Conv") && TryReplaceConv(node);
        }

        private bool TryReplaceGemm(NodeProto node)
        {
            if (Integer(node, "transA") != 0)
                return false;
            var beta = Float(node, "beta", 1);
            var bias = node.Input.Count > 2 && node.Input[2].Length > 0 && beta != 0 ? node.Input[2] : null;
            return TryReplaceProduct(node, Integer(node, "transB") != 0, Float(node, "alpha", 1), bias, beta);
        }

        private bool TryReplaceProduct(NodeProto node, bool transposed, float alpha, string? bias, float beta = 1)
        {
            if (node.Input.Count < 2 || rewrite.FloatConstant(node.Input[1], rank: 2) is not { } weight || weight.Dims[transposed ? 1 : 0] is 0 or > MaxDepth)
                return false;
            var activation = Activation(node.Input[0]);
            var (values, scales) = QuantizedMatrix(weight, new Matrix(node.Input[1], transposed, alpha));
            var sums = rewrite.Emit("MatMulInteger", [activation[0], values, activation[2], WeightZeroPoint]);
            var floats = rewrite.Emit("Cast", [sums], attributes: [GraphBuilder.Attribute("to", (long)DataType.Float)]);
            var factors = rewrite.Emit("Mul", [activation[1], scales]);
            var product = rewrite.Emit("Mul", [floats, factors], bias is null ? node.Output[0] : null);
            if (bias is not null)
                rewrite.Emit("Add", [product, Scaled(bias, beta)], node.Output[0]);
            return true;
        }

        private bool TryReplaceConv(NodeProto node)
        {
            if (node.Input.Count < 2 || rewrite.FloatConstant(node.Input[1]) is not { Dims.Count: > 0 } weight || weight.Dims.Contains(0))
                return false;
            if (!_kernels.TryGetValue(node.Input[1], out var kernel))
            {
                var quantized = Int8Weights.PerFirstDimension(Tensors.Floats(weight), (int)weight.Dims[0]);
                var values = rewrite.Constant(Tensors.Of($"{node.Input[1]}_int8", quantized.Values, [.. weight.Dims]));
                var scales = rewrite.Constant(Tensors.Of($"{node.Input[1]}_scale", quantized.Scales, quantized.Scales.Length));
                kernel = rewrite.Emit("DequantizeLinear", [values, scales], attributes: [GraphBuilder.Attribute("axis", 0)]);
                _kernels.Add(node.Input[1], kernel);
            }
            node.Input[1] = kernel;
            rewrite.Keep(node);
            return true;
        }

        /// <summary>The activation as unsigned bytes, its scale and its zero point.</summary>
        private IReadOnlyList<string> Activation(string name)
        {
            if (_activations.TryGetValue(name, out var quantized))
                return quantized;
            string[] outputs = [rewrite.Fresh($"{name}_uint8"), rewrite.Fresh($"{name}_scale"), rewrite.Fresh($"{name}_zero_point")];
            return _activations[name] = rewrite.EmitMany("DynamicQuantizeLinear", [name], outputs);
        }

        private (string Values, string Scales) QuantizedMatrix(TensorProto weight, Matrix matrix)
        {
            if (_matrices.TryGetValue(matrix, out var names))
                return names;
            var (rows, columns) = ((int)weight.Dims[0], (int)weight.Dims[1]);
            var floats = Tensors.Floats(weight);
            if (matrix.Transposed)
                (floats, rows, columns) = (Transpose(floats, rows, columns), columns, rows);
            for (var i = 0; i < floats.Length; i++)
                floats[i] *= matrix.Factor;
            var quantized = Int8Weights.PerColumn(floats, columns);
            return _matrices[matrix] = (
                rewrite.Constant(Tensors.Raw($"{matrix.Weight}_uint8", DataType.Uint8, Offset(quantized.Values), rows, columns)),
                rewrite.Constant(Tensors.Of($"{matrix.Weight}_scale", quantized.Scales, columns)));
        }

        private string WeightZeroPoint => _weightZeroPoint ??= rewrite.Constant(Tensors.Raw("weight_zero_point", DataType.Uint8, [ZeroPoint]));

        private static byte[] Offset(sbyte[] values) => Array.ConvertAll(values, value => (byte)(value + ZeroPoint));

        private string Scaled(string bias, float beta) =>
            beta == 1 ? bias : rewrite.Emit("Mul", [bias, rewrite.Constant(Tensors.Of("beta", [beta]))]);

        private static float[] Transpose(float[] matrix, int rows, int columns)
        {
            var transposed = new float[matrix.Length];
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                    transposed[column * rows + row] = matrix[row * columns + column];
            return transposed;
        }

        private static long Integer(NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.I ?? 0;

        private static float Float(NodeProto node, string name, float otherwise) =>
            node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.F ?? otherwise;
    }
}
