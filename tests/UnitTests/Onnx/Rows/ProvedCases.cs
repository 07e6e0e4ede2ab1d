using Mlops.Onnx;
using Mlops.Onnx.Format;
using static Mlops.Onnx.GraphBuilder;
using static Mlops.UnitTests.Onnx.Rows.RowGraphs;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx.Rows;

/// <summary>Graphs whose rows do not see each other: at least one for each rule.</summary>
internal static class ProvedCases
{
    private const string Microsoft = "com.microsoft";

    public static readonly IReadOnlyDictionary<string, Func<ModelProto>> All = new Dictionary<string, Func<ModelProto>>(
        ElementwiseCases.All.Select(test => KeyValuePair.Create(test.Name, test.Model)))
    {
        ["what another trainer exports"] = () => new Networks(1).Mixed(),
        ["a convolutional network"] = () => new Networks(1).Cnn(),

        // Element by element.
        ["numbers through functions"] = () => Model(g => g.Node("Sigmoid", [g.Node("Relu", [g.Node("Tanh", [g.X(3)])])])),
        ["numbers of one dimension"] = () => Model(g => g.Node("Neg", [g.X()])),
        ["Clip to constants"] = () => Model(g => g.Node("Clip", [g.X(3), g.C(), ""])),
        ["Clip by attributes"] = () => Model(g => g.Node("Clip", [g.X(3)], Attribute("max", 1f)), opset: 10),
        ["Cast to text"] = () => Model(g => g.Node("Cast", [g.Places(2)], Attribute("to", (long)DataType.String)), DataType.String),
        ["CastLike rows"] = () => Model(g => g.Node("CastLike", [g.Places(2), g.X(2)])),
        ["a constant cast like rows"] = () => Model(g => g.Node("Add", [g.Z(2), g.Node("CastLike", [g.Integers("c", 1, 2), g.X(2)])])),
        ["a constant for all"] = () => Model(g => g.Node("Add", [g.X(3), g.C()])),
        ["a constant for each column"] = () => Model(g => g.Node("Mul", [g.C(3), g.X(3)])),
        ["a constant of as many dimensions"] = () => Model(g => g.Node("Sub", [g.X(3), g.C(1, 3)])),
        ["a constant that widens rows"] = () => Model(g => g.Node("Add", [g.X(1), g.C(4)])),
        ["a constant of one under rows of one dimension"] = () => Model(g => g.Node("Add", [g.X(), g.C(1)])),
        ["rows and rows"] = () => Model(g => g.Node("Max", [g.X(3), g.Z(1), g.C(3)])),
        ["a choice"] = () => Model(g => { var x = g.X(3); return g.Node("Where", [g.Node("IsNaN", [x]), g.C(3), x]); }),
        ["PRelu"] = () => Model(g => g.Node("PRelu", [g.X(3), g.C(3)])),
        ["a constant of constants"] = () => Model(g => g.Node("Add", [g.X(3), g.Node("Mul", [g.C(3), g.C(1)])])),
        ["Dropout that does not train"] = () => Model(g => g.Node("Dropout", [g.X(3), g.Scale(), g.Constant(Tensors.Raw("no", DataType.Bool, [0]))])),
        ["Gelu of Microsoft"] = () => Model(g => g.NodeIn(Microsoft, "FastGelu", [g.NodeIn(Microsoft, "BiasGelu", [g.NodeIn(Microsoft, "Gelu", [g.X(3)]), g.C(3)]), g.C(3)])),

        // Along an axis of the row.
        ["Softmax of the last axis"] = () => Model(g => g.Node("Softmax", [g.X(3)])),
        ["Softmax of an axis from behind"] = () => Model(g => g.Node("LogSoftmax", [g.X(3, 2)], Attribute("axis", -2))),
        ["Softmax before opset 13"] = () => Model(g => g.Node("Softmax", [g.X(3, 2)]), opset: 12),
        ["Hardmax"] = () => Model(g => g.Node("Hardmax", [g.X(3)])),
        ["LpNormalization"] = () => Model(g => g.Node("LpNormalization", [g.X(3)])),
        ["LayerNormalization"] = () => Model(g => g.Node("LayerNormalization", [g.X(2, 3), g.C(3), g.C(3)])),
        ["LayerNormalization's mean"] = () => Model(g => g.Node("LayerNormalization", [g.X(2, 3), g.C(2, 3)], Attribute("axis", 1))).Further(DataType.Float),
        ["InstanceNormalization"] = () => Model(g => g.Node("InstanceNormalization", [g.X(2, 4), g.Scale(2), g.C(2)])),
        ["GroupNormalization"] = () => Model(g => g.Node("GroupNormalization", [g.X(4, 3), g.Scale(4), g.C(4)], Attribute("num_groups", 2)), opset: 21),
        ["LRN"] = () => Model(g => g.Node("LRN", [g.X(3, 2, 2)], Attribute("size", 3))),
        ["MeanVarianceNormalization of the row"] = () => Model(g => g.Node("MeanVarianceNormalization", [g.X(2, 3)], Attribute("axes", [1L, 2]))),
        ["BatchNormalization by given numbers"] = () => Model(g => g.Node("BatchNormalization", [g.X(3), g.C(3), g.C(3), g.C(3), g.Scale(3)])),
        ["ReduceSum of an axis"] = () => Model(g => g.Node("ReduceSum", [g.X(3, 2), g.Integers("axes", -1)], Attribute("keepdims", 0))),
        ["ReduceSum of none"] = () => Model(g => g.Node("ReduceSum", [g.X(3)], Attribute("noop_with_empty_axes", 1))),
        ["ReduceMean by an attribute"] = () => Model(g => g.Node("ReduceMean", [g.X(3, 2)], Attribute("axes", [1L]))),
        ["ReduceMax by an input"] = () => Model(g => g.Node("ReduceMax", [g.X(3), g.Integers("axes", 1)]), opset: 18),
        ["ArgMax"] = () => Model(g => g.Node("ArgMax", [g.X(3)], Attribute("axis", 1)), DataType.Int64),
        ["ArgMax without its axis"] = () => Model(g => g.Node("ArgMax", [g.X(3)], Attribute("axis", -1), Attribute("keepdims", 0)), DataType.Int64),
        ["TopK"] = () => Model(g => g.Node("TopK", [g.X(4), g.Integers("k", 2)])).Further(DataType.Int64),
        ["CumSum"] = () => Model(g => g.Node("CumSum", [g.X(3), g.Integer(1)])),

        // Shapes.
        ["Reshape that keeps the batch"] = () => Model(g => g.Node("Reshape", [g.X(2, 3), g.Integers("shape", 0, -1)])),
        ["Reshape that keeps the row's size"] = () => Model(g => g.Node("Reshape", [g.X(6), g.Integers("shape", -1, 3, 2)])),
        ["Reshape that copies a length"] = () => Model(g => g.Node("Reshape", [g.X(2, 3), g.Integers("shape", -1, 0, 3, 1)])),
        ["Reshape of numbers to a column"] = () => Model(g => g.Node("Reshape", [g.X(), g.Integers("shape", -1, 1)])),
        ["Reshape of what was convolved"] = () => Model(g => g.Node("Reshape", [g.Node("Conv", [g.X(1, 5), g.C(2, 1, 3)], Attribute("strides", [2L])), g.Integers("shape", -1, 4)])),
        ["view(size(0), -1), as PyTorch exports it"] = () => Model(g =>
        {
            var x = g.X(2, 3);
            var rows = g.Node("Gather", [g.Node("Shape", [x]), g.Integer(0)]);
            return g.Node("Reshape", [x, g.Node("Concat", [g.Node("Unsqueeze", [rows, g.Integers("axes", 0)]), g.Integers("rest", -1)], Attribute("axis", 0))]);
        }),
        ["a shape from its first axis, and a known size"] = () => Model(g =>
        {
            var x = g.X(2, 3);
            var rows = g.Node("Shape", [x], Attribute("start", 0), Attribute("end", 1));
            return g.Node("Reshape", [x, g.Node("Concat", [g.Node("Cast", [rows], Attribute("to", (long)DataType.Int64)), g.Integers("rest", 6)], Attribute("axis", 0))]);
        }),
        ["the shape of other rows"] = () => Model(g => g.Node("Reshape", [g.X(4), g.Node("Shape", [g.Z(2, 2)])])),
        ["the shape of convolved rows"] = () => Model(g =>
        {
            var image = g.Node("Conv", [g.X(1, 4), g.C(2, 1, 3)], Attribute("auto_pad", "SAME_UPPER"));
            return g.Node("Reshape", [g.Node("Flatten", [image]), g.Node("Slice", [g.Node("Shape", [image]), g.Integers("starts", 0), g.Integers("ends", 3)])]);
        }),
        ["a known length read from the shape"] = () => Model(g =>
        {
            var x = g.X(2, 3);
            return g.Node("Add", [x, g.Node("Cast", [g.Node("Squeeze", [g.Node("Gather", [g.Node("Shape", [x]), g.Integers("last", -1)])])], Attribute("to", (long)DataType.Float))]);
        }),
        ["Flatten"] = () => Model(g => g.Node("Flatten", [g.X(2, 3)])),
        ["Flatten from behind"] = () => Model(g => g.Node("Flatten", [g.X(2, 3)], Attribute("axis", -2))),
        ["Transpose inside the row"] = () => Model(g => g.Node("Transpose", [g.X(2, 3)], Attribute("perm", [0L, 2, 1]))),
        ["Transpose of a constant"] = () => Model(g => g.Node("MatMul", [g.X(3), g.Node("Transpose", [g.C(2, 3)])])),
        ["Squeeze by an input"] = () => Model(g => g.Node("Squeeze", [g.X(1, 3), g.Integers("axes", -2)])),
        ["Squeeze by an attribute"] = () => Model(g => g.Node("Squeeze", [g.X(1, 3)], Attribute("axes", [1L])), opset: 11),
        ["Unsqueeze"] = () => Model(g => g.Node("Unsqueeze", [g.X(3), g.Integers("axes", 1, -1)])),
        ["Concat of columns"] = () => Model(g => g.Node("Concat", [g.X(3), g.Z(2)], Attribute("axis", -1))),
        ["Concat to a known size"] = () => Model(g => g.Node("Reshape", [g.Node("Concat", [g.X(3), g.Z(1)], Attribute("axis", 1)), g.Integers("shape", -1, 2, 2)])),
        ["Split of columns"] = () => Model(g => g.Node("Split", [g.X(3), g.Integers("lengths", 1, 2)], Attribute("axis", 1))).Further(DataType.Float),
        ["Split by an attribute"] = () => Model(g => g.Node("Split", [g.X(4)], Attribute("axis", -1)), opset: 11).Further(DataType.Float),
        ["Slice of columns"] = () => Model(g => g.Node("Slice", [g.X(5), g.Integers("starts", -3), g.Integers("ends", 100), g.Integers("axes", 1)])),
        ["Slice of all rows"] = () => Model(g => g.Node("Slice", [g.X(5), g.Integers("starts", 0, 4), g.Integers("ends", long.MaxValue, 0), g.Integers("axes", 0, 1), g.Integers("steps", 1, -2)])),
        ["Slice to a known size"] = () => Model(g => g.Node("Reshape", [g.Node("Slice", [g.X(5), g.Integers("starts", 1), g.Integers("ends", -1), g.Integers("axes", 1)]), g.Integers("shape", -1, 3, 1)])),
        ["Slice by attributes"] = () => Model(g => g.Node("Slice", [g.X(5)], Attribute("starts", [1L]), Attribute("ends", [3L]), Attribute("axes", [1L])), opset: 9),
        ["Expand inside the row"] = () => Model(g => g.Node("Expand", [g.X(1, 3), g.Integers("shape", 2, 1)])),
        ["Tile inside the row"] = () => Model(g => g.Node("Tile", [g.X(3), g.Integers("repeats", 1, 2)])),
        ["Pad inside the row"] = () => Model(g => g.Node("Pad", [g.X(3), g.Integers("pads", 0, 1, 0, 2), g.C()])),
        ["Pad by axes"] = () => Model(g => g.Node("Pad", [g.X(3), g.Integers("pads", 1, 1), "", g.Integers("axes", -1)]), opset: 18),
        ["Pad by an attribute"] = () => Model(g => g.Node("Pad", [g.X(3)], Attribute("pads", [0L, 1, 0, 2])), opset: 10),

        // Places.
        ["a table of numbers"] = () => Model(g => g.Node("Gather", [g.C(3, 2), g.Places(2)])),
        ["a table of texts"] = () => Model(g => g.Node("Gather", [g.Constant(Tensors.Of("names", ["a", "b", "c"], 3)), g.Places()], Attribute("axis", -1)), DataType.String),
        ["chosen columns"] = () => Model(g => g.Node("Gather", [g.X(3), g.Integers("columns", 2, 0)], Attribute("axis", 1))),
        ["one chosen column"] = () => Model(g => g.Node("Gather", [g.X(3), g.Integer(-1)], Attribute("axis", -1))),
        ["elements at places of the row"] = () => Model(g => g.Node("GatherElements", [g.X(3), g.Places(2)], Attribute("axis", 1))),
        ["OneHot"] = () => Model(g => g.Node("OneHot", [g.Places(2), g.Integer(3), g.C(2)])),
        ["OneHot in the middle"] = () => Model(g => g.Node("OneHot", [g.Places(2), g.Integer(3), g.C(2)], Attribute("axis", 1))),

        // Products.
        ["rows by a matrix"] = () => Model(g => g.Node("MatMul", [g.X(3), g.C(3, 2)])),
        ["rows by a vector"] = () => Model(g => g.Node("MatMul", [g.X(3), g.C(3)])),
        ["matrices by a matrix"] = () => Model(g => g.Node("MatMul", [g.X(2, 3), g.C(1, 3, 2)])),
        ["a matrix by matrices"] = () => Model(g => g.Node("MatMul", [g.C(4, 2), g.X(2, 3)])),
        ["a vector by matrices"] = () => Model(g => g.Node("MatMul", [g.C(2), g.X(2, 3)])),
        ["matrices by matrices"] = () => Model(g => g.Node("MatMul", [g.X(2, 3), g.Z(3, 2)])),
        ["Gemm"] = () => Model(g => g.Node("Gemm", [g.X(3), g.C(3, 2), g.C(2)])),
        ["Gemm, transposed weights, no bias"] = () => Model(g => g.Node("Gemm", [g.X(3), g.C(2, 3)], Attribute("transB", 1))),
        ["Gemm plus rows"] = () => Model(g => g.Node("Gemm", [g.X(3), g.C(3, 2), g.Z(1)])),
        ["Gemm plus a row"] = () => Model(g => g.Node("Gemm", [g.X(3), g.C(3, 2), g.C(1, 2)])),
        ["distances"] = () => Model(g => g.NodeIn(Microsoft, "CDist", [g.X(3), g.C(4, 3)], Attribute("metric", "euclidean"))),
        ["4-bit weights"] = () => Model(g => g.NodeIn(Microsoft, "MatMulNBits", [g.X(16), g.Bytes(DataType.Uint8, 2, 1, 8), g.Scale(2)],
            Attribute("K", 16), Attribute("N", 2), Attribute("bits", 4), Attribute("block_size", 16))),

        // Windows.
        ["Conv"] = () => Model(g => g.Node("Conv", [g.X(2, 4, 4), g.C(3, 2, 3, 3), g.C(3)], Attribute("pads", [1L, 1, 1, 1]))),
        ["Conv, padded automatically"] = () => Model(g => g.Node("Flatten", [g.Node("Conv", [g.X(1, 4), g.C(2, 1, 3)], Attribute("auto_pad", "SAME_UPPER"))])),
        ["ConvTranspose"] = () => Model(g => g.Node("ConvTranspose", [g.X(1, 3), g.C(1, 2, 2)])),
        ["MaxPool"] = () => Model(g => g.Node("MaxPool", [g.X(1, 5)], Attribute("kernel_shape", [2L]), Attribute("strides", [2L]), Attribute("ceil_mode", 1))),
        ["MaxPool to a known size"] = () => Model(g => g.Node("Reshape",
            [g.Node("MaxPool", [g.X(1, 6)], Attribute("kernel_shape", [2L]), Attribute("dilations", [2L]), Attribute("pads", [1L, 0])), g.Integers("shape", -1, 5)])),
        ["AveragePool"] = () => Model(g => g.Node("AveragePool", [g.X(2, 4)], Attribute("kernel_shape", [2L]))),
        ["GlobalAveragePool"] = () => Model(g => g.Node("Reshape", [g.Node("GlobalAveragePool", [g.X(2, 3)]), g.Integers("shape", -1, 2)])),
        ["ConvInteger"] = () => Model(g => g.Node("ConvInteger", [g.Bytes(1, 4), g.Bytes(DataType.Uint8, 2, 1, 3), g.Bytes(DataType.Uint8)]), DataType.Int32),
        ["QLinearConv"] = () => Model(g => g.Node("QLinearConv",
            [g.Bytes(1, 4), g.Scale(), g.Bytes(DataType.Uint8), g.Bytes(DataType.Int8, 2, 1, 3), g.Scale(2), g.Constant(Tensors.Raw("zeros", DataType.Int8, [0, 0], 2)), g.Scale(), g.Bytes(DataType.Uint8)]), DataType.Uint8),

        // Few bits.
        ["a quantised layer with fixed scales"] = () => Model(StaticLayer),
        ["QuantizeLinear for each column"] = () => Model(g => g.Node("QuantizeLinear", [g.X(3), g.Scale(3), g.Bytes(DataType.Uint8, 3)]), DataType.Uint8),
        ["DequantizeLinear for all"] = () => Model(g => g.Node("DequantizeLinear", [g.Bytes(3), g.Scale(), g.Bytes(DataType.Uint8)])),
        ["MatMulInteger"] = () => Model(g => g.Node("MatMulInteger", [g.Bytes(3), g.Bytes(DataType.Uint8, 3, 2), g.Bytes(DataType.Uint8), g.Bytes(DataType.Uint8)]), DataType.Int32),
        ["MatMulIntegerToFloat"] = () => Model(g => g.NodeIn(Microsoft, "MatMulIntegerToFloat",
            [g.Bytes(3), g.Bytes(DataType.Uint8, 3, 2), g.Scale(), g.Scale(2), g.Bytes(DataType.Uint8), g.Bytes(DataType.Uint8, 2), g.C(2)])),
        ["QLinearMatMul"] = () => Model(g => g.Node("QLinearMatMul",
            [g.Bytes(3), g.Scale(), g.Bytes(DataType.Uint8), g.Bytes(DataType.Uint8, 3, 2), g.Scale(), g.Bytes(DataType.Uint8), g.Scale(), g.Bytes(DataType.Uint8)]), DataType.Uint8),
        ["QGemm"] = () => Model(g => g.NodeIn(Microsoft, "QGemm",
            [g.Bytes(3), g.Scale(), g.Bytes(DataType.Uint8), g.Bytes(DataType.Uint8, 3, 2), g.Scale(), g.Bytes(DataType.Uint8), "", g.Scale(), g.Bytes(DataType.Uint8)]), DataType.Uint8),
        ["QLinearAdd"] = () => Model(g => g.NodeIn(Microsoft, "QLinearAdd",
            [g.Bytes(3), g.Scale(), g.Bytes(DataType.Uint8), g.Bytes(DataType.Uint8, 3), g.Scale(), g.Bytes(DataType.Uint8), g.Scale(), g.Bytes(DataType.Uint8)]), DataType.Uint8),
        ["QLinearSigmoid"] = () => Model(g => g.NodeIn(Microsoft, "QLinearSigmoid", [g.Bytes(3), g.Scale(), g.Bytes(DataType.Uint8), g.Scale(), g.Bytes(DataType.Uint8)]), DataType.Uint8),

        // Classical machine learning, and text.
        ["labels of texts"] = () => Model(g => g.NodeIn(MlDomain, "LabelEncoder", [g.Texts(1)], Attribute("keys_strings", ["red", "blue"]), Attribute("values_int64s", [0L, 1])), DataType.Int64),
        ["labels of version 1"] = () => Model(g => g.NodeIn(MlDomain, "LabelEncoder", [g.Texts()], Attribute("classes_strings", ["red", "blue"])), DataType.Int64, ml: 1),
        ["categories"] = () => Model(g => g.NodeIn(MlDomain, "CategoryMapper", [g.Texts(1)], Attribute("cats_strings", ["red", "blue"]), Attribute("cats_int64s", [0L, 1])), DataType.Int64),
        ["Binarizer"] = () => Model(g => g.NodeIn(MlDomain, "Binarizer", [g.Node("Cast", [g.Places(3)], Attribute("to", (long)DataType.Float))], Attribute("threshold", 0.5f))),
        ["Scaler"] = () => Model(g => g.NodeIn(MlDomain, "Scaler", [g.X(2)], Floats("offset", 1, 2), Floats("scale", 0.5f, 2))),
        ["Scaler of one number"] = () => Model(g => g.NodeIn(MlDomain, "Scaler", [g.X(3)], Floats("offset", 1), Floats("scale", 0.5f))),
        ["Imputer"] = () => Model(g => g.NodeIn(MlDomain, "Imputer", [g.X(2)], Floats("imputed_value_floats", 1, 2), Attribute("replaced_value_float", float.NaN))),
        ["Normalizer"] = () => Model(g => g.NodeIn(MlDomain, "Normalizer", [g.X(3)], Attribute("norm", "L2"))),
        ["OneHotEncoder"] = () => Model(g => g.Node("Reshape", [g.NodeIn(MlDomain, "OneHotEncoder", [g.Texts(2)], Attribute("cats_strings", ["red", "blue"]), Attribute("zeros", 1)), g.Integers("shape", -1, 4)])),
        ["FeatureVectorizer"] = () => Model(g => g.NodeIn(MlDomain, "FeatureVectorizer", [g.X(3), g.Z(2)], Attribute("inputdimensions", [3L, 2]))),
        ["LinearRegressor"] = () => Model(g => g.NodeIn(MlDomain, "LinearRegressor", [g.X(2)], Floats("coefficients", 1, 2), Floats("intercepts", 3))),
        ["LinearClassifier"] = () => Model(g => g.NodeIn(MlDomain, "LinearClassifier", [g.X(2)],
            Floats("coefficients", 1, 2, -1, 1), Floats("intercepts", 0, 1), Attribute("classlabels_strings", ["a", "b"]), Attribute("post_transform", "SOFTMAX")), DataType.String).Further(DataType.Float),
        ["TreeEnsembleRegressor"] = () => Model(Tree),
        ["SVMRegressor"] = () => Model(g => g.NodeIn(MlDomain, "SVMRegressor", [g.X(2)],
            Floats("coefficients", 1, -1), Floats("support_vectors", 1, 2, 3, 4), Floats("rho", 0.5f), Floats("kernel_params", 0.5f, 0, 3), Attribute("kernel_type", "RBF"), Attribute("n_supports", 2))),
        ["TreeEnsembleClassifier"] = () => Model(g => g.NodeIn(MlDomain, "TreeEnsembleClassifier", [g.X(2)],
            Attribute("nodes_treeids", [0L, 0, 0]), Attribute("nodes_nodeids", [0L, 1, 2]), Attribute("nodes_featureids", [1L, 0, 0]),
            Attribute("nodes_modes", ["BRANCH_LEQ", "LEAF", "LEAF"]), Floats("nodes_values", 0.5f, 0, 0), Attribute("nodes_truenodeids", [1L, 0, 0]), Attribute("nodes_falsenodeids", [2L, 0, 0]),
            Attribute("class_treeids", [0L, 0]), Attribute("class_nodeids", [1L, 2]), Attribute("class_ids", [0L, 1]), Floats("class_weights", 1, 1),
            Attribute("classlabels_strings", ["a", "b"]), Attribute("post_transform", "NONE")), DataType.String).Further(DataType.Float),
        ["SVMClassifier"] = () => Model(g => g.NodeIn(MlDomain, "SVMClassifier", [g.X(2)],
            Floats("coefficients", 1, -1), Floats("support_vectors", 1, 2, 3, 4), Floats("rho", 0.5f), Floats("kernel_params", 0.5f, 0, 3), Attribute("kernel_type", "RBF"),
            Attribute("vectors_per_class", [1L, 1]), Attribute("classlabels_ints", [0L, 1])), DataType.Int64).Further(DataType.Float),
        ["chosen features"] = () => Model(g => g.NodeIn(MlDomain, "ArrayFeatureExtractor", [g.X(3), g.Integers("columns", 2, 0)])),
        ["class names, as scikit-learn's converter looks them up"] = () => Model(g =>
        {
            var best = g.Node("ArgMax", [g.Node("MatMul", [g.X(2), g.C(2, 3)])], Attribute("axis", 1));
            var names = g.NodeIn(MlDomain, "ArrayFeatureExtractor", [g.Constant(Tensors.Of("classes", ["a", "b", "c"], 3)), best]);
            return g.Node("Reshape", [g.Node("Identity", [names]), g.Integers("shape", -1)]);
        }, DataType.String),
        ["texts in capitals"] = () => Model(g => g.Node("StringNormalizer", [g.Texts()], Attribute("case_change_action", "UPPER"), Attribute("locale", "C")), DataType.String),
        ["hashes of texts"] = () => Model(g => g.NodeIn(Microsoft, "MurmurHash3", [g.Texts(1)], Attribute("positive", 0)), DataType.Int32),
        ["counts of words"] = () => Model(g => g.Node("TfIdfVectorizer", [g.Places(4)],
            Attribute("mode", "TF"), Attribute("min_gram_length", 1), Attribute("max_gram_length", 1), Attribute("max_skip_count", 0),
            Attribute("ngram_counts", [0L]), Attribute("ngram_indexes", [0L, 1]), Attribute("pool_int64s", [1L, 2]))),
    };

    /// <summary>Numbers to bytes and back around a layer whose weights are bytes, with one fixed scale for each: what static quantisation writes.</summary>
    private static string StaticLayer(GraphBuilder g)
    {
        var bytes = g.Node("QuantizeLinear", [g.X(3), g.Scale(), g.Bytes(DataType.Uint8)]);
        var weights = g.Node("DequantizeLinear", [g.Bytes(DataType.Int8, 3, 2), g.Scale(2)], Attribute("axis", 1));
        var sums = g.Node("Add", [g.Node("MatMul", [g.Node("DequantizeLinear", [bytes, g.Scale(), g.Bytes(DataType.Uint8)]), weights]), g.C(2)]);
        return g.Node("DequantizeLinear", [g.Node("QuantizeLinear", [sums, g.Scale(), g.Bytes(DataType.Uint8)]), g.Scale(), g.Bytes(DataType.Uint8)]);
    }

    /// <summary>A tree of one question.</summary>
    private static string Tree(GraphBuilder g) => g.NodeIn(MlDomain, "TreeEnsembleRegressor", [g.X(2)],
        Attribute("n_targets", 1), Attribute("nodes_treeids", [0L, 0, 0]), Attribute("nodes_nodeids", [0L, 1, 2]), Attribute("nodes_featureids", [1L, 0, 0]),
        Attribute("nodes_modes", ["BRANCH_LEQ", "LEAF", "LEAF"]), Floats("nodes_values", 0.5f, 0, 0), Attribute("nodes_truenodeids", [1L, 0, 0]), Attribute("nodes_falsenodeids", [2L, 0, 0]),
        Attribute("target_treeids", [0L, 0]), Attribute("target_nodeids", [1L, 2]), Attribute("target_ids", [0L, 0]), Floats("target_weights", -1, 1));
}
