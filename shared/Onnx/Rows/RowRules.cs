namespace Mlops.Onnx.Rows;

/// <summary>
/// The operators that the analysis knows, each with the rule that judges it. To add one: its name in the line of a rule, or a
/// new rule, and a case in the tests, which run ONNX Runtime on it. An operator that is not here is refused.
/// </summary>
/// <remarks>From the ONNX operator specification and, for <c>com.microsoft</c>, ONNX Runtime's list of contributed operators.</remarks>
internal static class RowRules
{
    /// <summary>What a rule says of one output of a node that takes rows, or constants of known shapes.</summary>
    private delegate Value Rule(Operation op);

    private static readonly Rule Same = OnFirst(ElementwiseRules.Same);

    private static readonly Dictionary<string, Rule> Onnx = Table(
        (Same, "Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Cast Ceil Celu Clip Cos Cosh Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal RegexFullMatch Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu"),
        (ElementwiseRules.Same, "CastLike"),
        (ElementwiseRules.Broadcast, "Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow PRelu StringConcat Sub Sum Where Xor"),
        (OnFirst(AxisRules.Softmax), "Softmax LogSoftmax Hardmax"),
        (OnFirst(AxisRules.AlongLast), "LpNormalization"),
        (OnFirst(AxisRules.LayerNormalization), "LayerNormalization RMSNormalization"),
        (OnFirst(AxisRules.ChannelNormalization), "GroupNormalization InstanceNormalization"),
        (OnFirst(AxisRules.LocalResponseNormalization), "LRN"),
        (OnFirst(AxisRules.MeanVarianceNormalization), "MeanVarianceNormalization"),
        (OnFirst(AxisRules.BatchNormalization), "BatchNormalization"),
        (OnFirst(AxisRules.Reduce), "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare"),
        (OnFirst(AxisRules.ArgMax), "ArgMax ArgMin"),
        (OnFirst(AxisRules.TopK), "TopK"),
        (OnFirst(AxisRules.Cumulate), "CumSum"),
        (OnFirst(ShapeRules.Reshape), "Reshape"),
        (OnFirst(ShapeRules.Flatten), "Flatten"),
        (OnFirst(CountedRules.Shape), "Shape"),
        (OnFirst(ShapeRules.Transpose), "Transpose"),
        (OnFirst(ShapeRules.Squeeze), "Squeeze"),
        (OnFirst(ShapeRules.Unsqueeze), "Unsqueeze"),
        (ShapeRules.Concat, "Concat"),
        (OnFirst(ShapeRules.Split), "Split"),
        (OnFirst(ShapeRules.Slice), "Slice"),
        (OnFirst(ShapeRules.Expand), "Expand"),
        (OnFirst(ShapeRules.Tile), "Tile"),
        (OnFirst(ShapeRules.Pad), "Pad"),
        (LookupRules.Gather, "Gather"),
        (LookupRules.GatherElements, "GatherElements"),
        (OnFirst(LookupRules.OneHot), "OneHot"),
        (ProductRules.MatMul, "MatMul"),
        (ProductRules.Gemm, "Gemm"),
        (OnFirst(ProductRules.MatMulInteger), "MatMulInteger"),
        (OnFirst(ProductRules.QuantizedMatMul), "QLinearMatMul"),
        (OnFirst(WindowRules.Conv), "Conv"),
        (OnFirst(WindowRules.ConvTranspose), "ConvTranspose"),
        (OnFirst(WindowRules.ConvInteger), "ConvInteger"),
        (OnFirst(WindowRules.QuantizedConv), "QLinearConv"),
        (OnFirst(WindowRules.Pool), "AveragePool LpPool MaxPool"),
        (OnFirst(WindowRules.GlobalPool), "GlobalAveragePool GlobalLpPool GlobalMaxPool"),
        (OnFirst(QuantizationRules.Linear), "DequantizeLinear QuantizeLinear"),
        (OnFirst(ClassicalRules.StringNormalizer), "StringNormalizer"),
        (OnFirst(ClassicalRules.Vectorizer), "TfIdfVectorizer"),
        (Never("takes one range over the whole batch"), "DynamicQuantizeLinear"),
        (Never("pads every text to the longest of the batch"), "StringSplit"),
        (Never("gives as many rows as the batch's values say"), "Compress NonMaxSuppression NonZero Unique"),
        (Never(CountedRules.Why), "ConstantOfShape Size"));

    private static readonly Dictionary<string, Rule> Classical = Table(
        (Same, "Binarizer CategoryMapper LabelEncoder"),
        (OnFirst(ClassicalRules.ForEachFeature), "Imputer Scaler"),
        (OnFirst(ClassicalRules.Normalizer), "Normalizer"),
        (OnFirst(ClassicalRules.OneHotEncoder), "OneHotEncoder"),
        (ClassicalRules.FeatureVectorizer, "FeatureVectorizer"),
        (OnFirst(ClassicalRules.Classifier), "LinearClassifier SVMClassifier TreeEnsembleClassifier"),
        (OnFirst(ClassicalRules.Regressor), "LinearRegressor SVMRegressor TreeEnsemble TreeEnsembleRegressor"),
        (LookupRules.ArrayFeatureExtractor, "ArrayFeatureExtractor"));

    private static readonly Dictionary<string, Rule> Contributed = Table(
        (Same, "Gelu MurmurHash3 QuickGelu"),
        (ElementwiseRules.Broadcast, "BiasGelu FastGelu"),
        (OnFirst(QuantizationRules.Linear), "DequantizeLinear QuantizeLinear"),
        (OnFirst(QuantizationRules.Unary), "QLinearLeakyRelu QLinearSigmoid"),
        (QuantizationRules.Binary, "QLinearAdd QLinearMul"),
        (OnFirst(ProductRules.QuantizedGemm), "QGemm"),
        (OnFirst(ProductRules.MatMulIntegerToFloat), "MatMulIntegerToFloat"),
        (OnFirst(ProductRules.MatMulNBits), "MatMulNBits"),
        (OnFirst(ProductRules.Distances), "CDist"),
        (Never("takes one range over the whole batch"), "DynamicQuantizeMatMul DynamicQuantizeLSTM"),
        (Never("pads every text to the longest of the batch"), "Tokenizer"));

    public const long FirstOpset = 7;
    public const long LastOpset = 25;

    // A newer operator set may mean something else by an old name; before 7, operands were laid over each other by an attribute.
    private static readonly Dictionary<string, (long First, long Last, Dictionary<string, Rule> Rules)> Domains = new()
    {
        [""] = (FirstOpset, LastOpset, Onnx),
        [GraphBuilder.MlDomain] = (1, 5, Classical),
        [GraphBuilder.MicrosoftDomain] = (1, 1, Contributed),
    };

    private static readonly HashSet<string> Random = [.. "Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike".Split(' ')];

    /// <summary>What becomes of inputs that are constants or rows.</summary>
    public static Value Judge(Operation op)
    {
        if (IsRandom(op))
            return Value.Mixed("is random");
        if (!Domains.TryGetValue(GraphChecker.DomainOf(op.Node.Domain), out var known) || !known.Rules.TryGetValue(op.Node.OpType, out var rule))
            return Value.Mixed("is no operator that the analysis knows");
        if (op.Opset < known.First || op.Opset > known.Last)
            return Value.Mixed($"is of operator set {op.Opset}; {known.First} to {known.Last} are known");
        // Constants alone make a constant, whatever the rule says of rows; it may know the shape.
        if (!op.HasRows)
            return op.Inputs.Count > 0 && op.Inputs.All(input => input.Dims is not null) && rule(op) is { Why: null } constant ? constant : Value.Constant(null);
        return rule(op) switch
        {
            { IsRows: true, Dims: { } dims } when dims.Contains(0) => Because.NoElements,
            var value => value,
        };
    }

    private static bool IsRandom(Operation op) => GraphChecker.DomainOf(op.Node.Domain).Length == 0
        && (Random.Contains(op.Node.OpType) || (op.Node.OpType == "Dropout" && !op[2].IsAbsent && op[2].Integers is not [0]));

    /// <summary>A rule for an operator whose first input alone may be rows.</summary>
    private static Rule OnFirst(Rule rule) => op =>
    {
        for (var input = 1; input < op.Inputs.Count; input++)
            if (op[input].IsRows)
                return Because.Varies(input);
        return rule(op);
    };

    private static Rule Never(string why) => _ => Value.Mixed(why);

    private static Dictionary<string, Rule> Table(params ReadOnlySpan<(Rule Rule, string Operators)> lines)
    {
        var table = new Dictionary<string, Rule>(StringComparer.Ordinal);
        foreach (var (rule, operators) in lines)
            foreach (var name in operators.Split(' '))
                table.Add(name, rule);
        return table;
    }
}
