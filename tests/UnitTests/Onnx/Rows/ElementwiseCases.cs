using Mlops.Onnx;
using Mlops.Onnx.Format;
using static Mlops.Onnx.GraphBuilder;
using static Mlops.UnitTests.Onnx.Rows.RowGraphs;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx.Rows;

/// <summary>Operators that share a rule, one by one: none of them may see more of the batch than the rule says.</summary>
internal static class ElementwiseCases
{
    private const long Opset = 24;

    public static IEnumerable<(string Name, Func<ModelProto> Model)> All =>
    [
        .. Each("Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity LeakyRelu Log Mish Neg Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu",
            op => Model(g => g.Node(op, [g.X(3)]), opset: Opset)),
        .. Each("IsInf IsNaN", op => Model(g => g.Node(op, [g.X(3)]), DataType.Bool, Opset)),
        .. Each("Not", op => Model(g => g.Node(op, [g.Node("IsNaN", [g.X(3)])]), DataType.Bool, Opset)),
        .. Each("BitwiseNot", op => Model(g => g.Node(op, [g.Places(3)]), DataType.Int64, Opset)),
        .. Each("RegexFullMatch", op => Model(g => g.Node(op, [g.Texts(2)], Attribute("pattern", "r.*")), DataType.Bool, Opset)),
        .. Each("Add Div Max Mean Min Mul Pow PRelu Sub Sum", op => Model(g => g.Node(op, [g.X(3), g.Z(3)]), opset: Opset)),
        .. Each("Mod", op => Model(g => g.Node(op, [g.X(3), g.Z(3)], Attribute("fmod", 1)), opset: Opset)),
        .. Each("Equal Greater GreaterOrEqual Less LessOrEqual", op => Model(g => g.Node(op, [g.X(3), g.C(3)]), DataType.Bool, Opset)),
        .. Each("And Or Xor", op => Model(g => g.Node(op, [g.Node("IsNaN", [g.X(3)]), g.Bools(true, false, true)]), DataType.Bool, Opset)),
        .. Each("BitwiseAnd BitwiseOr BitwiseXor", op => Model(g => g.Node(op, [g.Places(3), g.Integers("bits", 1, 2, 3)]), DataType.Int64, Opset)),
        .. Each("BitShift", op => Model(g => g.Node(op, [g.Bytes(1), g.Constant(Tensors.Raw("bits", DataType.Uint8, [1, 2], 2))], Attribute("direction", "LEFT")), DataType.Uint8, Opset)),
        .. Each("StringConcat", op => Model(g => g.Node(op, [g.Texts(2), g.Constant(Tensors.Of("tail", ["a", "b"], 2))]), DataType.String, Opset)),
        .. Each("ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare",
            op => Model(g => g.Node(op, [g.X(3), g.Integers("axes", 1)]), opset: Opset)),
        .. Each("AveragePool LpPool MaxPool", op => Model(g => g.Node(op, [g.X(2, 5)], Attribute("kernel_shape", [3L])), opset: Opset)),
        .. Each("GlobalAveragePool GlobalLpPool GlobalMaxPool", op => Model(g => g.Node(op, [g.X(2, 5)]))),
        .. Each("ArgMax ArgMin", op => Model(g => g.Node(op, [g.X(3)], Attribute("axis", 1)), DataType.Int64, Opset)),
    ];

    private static IEnumerable<(string, Func<ModelProto>)> Each(string operators, Func<string, ModelProto> build) =>
        operators.Split(' ').Select(op => ($"{op}, by a shared rule", (Func<ModelProto>)(() => build(op))));
}
