using Mlops.Onnx;
using Mlops.Onnx.Format;
using static Mlops.Onnx.GraphBuilder;
using static Mlops.UnitTests.Onnx.Rows.RowGraphs;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx.Rows;

/// <summary>Graphs in which the rows beside it change a row's answer, or its place, or that it is answered at all.</summary>
internal static class RefusedCases
{
    private const string Microsoft = "com.microsoft";
    private const string AlongRows = "works along the rows";
    private const string MovesRows = "moves the rows to another axis";
    private const string JoinsRows = "may join or split rows";
    private const string SumsRows = "sums along the rows";
    private const string Counts = "reads how many rows there are";
    private const string OneRow = "takes [rows, features]; a vector is one row to it";

    /// <summary>The graph, the operator that is to blame, and the cause.</summary>
    public sealed record Case(Func<ModelProto> Model, string Operator, string Cause);

    public static readonly IReadOnlyDictionary<string, Case> All = new Dictionary<string, Case>
    {
        // Laid over each other.
        ["a constant with rows of its own"] = new(() => Model(g => g.Node("Add", [g.X(3), g.C(2, 3)])), "Add", "lays a constant of shape [2, 3] along the rows"),
        ["a constant vector along numbers"] = new(() => Model(g => g.Node("Mul", [g.X(), g.C(3)])), "Mul", "lays a constant of shape [3] along the rows"),
        ["a constant of more dimensions"] = new(() => Model(g => g.Node("Add", [g.X(3), g.C(1, 1, 3)])), "Add", "lays rows of 2 and of 3 dimensions over each other"),
        ["numbers under columns"] = new(() => Model(g => g.Node("Add", [g.X(3), g.Z()])), "Add", "lays rows of 2 and of 1 dimensions over each other"),
        ["a choice along the rows"] = new(() => Model(g => g.Node("Where", [g.Bools(true, false), g.X(), g.Z()])), "Where", "lays a constant of shape [2] along the rows"),
        ["Gemm plus numbers"] = new(() => Model(g => g.Node("Gemm", [g.X(3), g.C(3, 2), g.Z()])), "Gemm", "lays rows of 2 and of 1 dimensions over each other"),
        ["matrices by a batch of constants"] = new(() => Model(g => g.Node("MatMul", [g.X(2, 3), g.C(2, 3, 2)])), "MatMul", "lays a constant of shape [2, 3, 2] along the rows"),
        ["rows by a batch of constants"] = new(() => Model(g => g.Node("MatMul", [g.X(3), g.C(2, 3, 4)])), "MatMul", "lays rows of 2 and of 3 dimensions over each other"),

        // Along the batch's axis.
        ["Softmax of the batch"] = new(() => Model(g => g.Node("Softmax", [g.X(3)], Attribute("axis", 0))), "Softmax", AlongRows),
        ["Softmax of the batch, from behind"] = new(() => Model(g => g.Node("LogSoftmax", [g.X(3)], Attribute("axis", -2))), "LogSoftmax", AlongRows),
        ["Softmax of numbers"] = new(() => Model(g => g.Node("Softmax", [g.X()])), "Softmax", AlongRows),
        ["Softmax of the batch before opset 13"] = new(() => Model(g => g.Node("Softmax", [g.X(3)], Attribute("axis", 0)), opset: 12), "Softmax", AlongRows),
        ["LpNormalization of the batch"] = new(() => Model(g => g.Node("LpNormalization", [g.X(3)], Attribute("axis", 0))), "LpNormalization", AlongRows),
        ["LayerNormalization of the batch"] = new(() => Model(g => g.Node("LayerNormalization", [g.X(3), g.C(3)], Attribute("axis", 0))), "LayerNormalization", AlongRows),
        ["MeanVarianceNormalization by default"] = new(() => Model(g => g.Node("MeanVarianceNormalization", [g.X(1, 2, 2)])), "MeanVarianceNormalization", AlongRows),
        ["centred by the batch's mean"] = new(() => Model(g => { var x = g.X(3); return g.Node("Sub", [x, g.Node("ReduceMean", [x], Attribute("axes", [0L]))]); }), "ReduceMean", AlongRows),
        ["ReduceSum of everything"] = new(() => Model(g => { var x = g.X(3); return g.Node("Add", [x, g.Node("ReduceSum", [x])]); }), "ReduceSum", AlongRows),
        ["ReduceMax of everything, by no axes"] = new(() => Model(g => { var x = g.X(3); return g.Node("Add", [x, g.Node("ReduceMax", [x, g.Integers("axes")])]); }, opset: 18), "ReduceMax", AlongRows),
        ["ReduceSum of the batch, from behind"] = new(() => Model(g => g.Node("ReduceSum", [g.X(3), g.Integers("axes", -2)])), "ReduceSum", AlongRows),
        ["ArgMax by default"] = new(() => Model(g => g.Node("ArgMax", [g.X(3)]), DataType.Int64), "ArgMax", AlongRows),
        ["TopK of the batch"] = new(() => Model(g => g.Node("TopK", [g.X(3), g.Integers("k", 1)], Attribute("axis", 0))).Further(DataType.Int64), "TopK", AlongRows),
        ["CumSum of the batch"] = new(() => Model(g => g.Node("CumSum", [g.X(3), g.Integer(0)])), "CumSum", AlongRows),
        ["Concat of rows"] = new(() => Model(g => g.Node("Concat", [g.X(3), g.Z(3)], Attribute("axis", 0))), "Concat", AlongRows),
        ["Slice to the first row"] = new(() => Model(g => g.Node("Slice", [g.X(3), g.Integers("starts", 0), g.Integers("ends", 1)])), "Slice", AlongRows),
        ["Slice to the rows in reverse"] = new(() => Model(g => g.Node("Slice", [g.X(3), g.Integers("starts", -1), g.Integers("ends", long.MinValue), g.Integers("axes", 0), g.Integers("steps", -1)])), "Slice", AlongRows),
        ["Squeeze of everything"] = new(() => Model(g => g.Node("Squeeze", [g.X(1)])), "Squeeze", AlongRows),
        ["Squeeze of the batch"] = new(() => Model(g => g.Node("Squeeze", [g.X(3, 1), g.Integers("axes", 0)])), "Squeeze", AlongRows),
        ["Tile of the batch"] = new(() => Model(g => g.Node("Tile", [g.X(3), g.Integers("repeats", 2, 1)])), "Tile", AlongRows),
        ["Pad of the batch"] = new(() => Model(g => g.Node("Pad", [g.X(3), g.Integers("pads", 1, 0, 0, 0)])), "Pad", AlongRows),
        ["Pad of the batch, from behind"] = new(() => Model(g => g.Node("Pad", [g.X(3), g.Integers("pads", 1, 0), "", g.Integers("axes", -2)]), opset: 18), "Pad", AlongRows),
        ["Expand of the batch"] = new(() => Model(g => g.Node("Expand", [g.X(3), g.Integers("shape", 2, 3)])), "Expand", "lays a constant of shape [2, 3] along the rows"),
        ["Expand by an axis"] = new(() => Model(g => g.Node("Expand", [g.X(3), g.Integers("shape", 2, 1, 1)])), "Expand", "lays rows of 2 and of 3 dimensions over each other"),
        ["the first row added to each"] = new(() => Model(g => { var x = g.X(3); return g.Node("Add", [x, g.Node("Gather", [x, g.Integers("first", 0)])]); }), "Gather", AlongRows),
        ["elements of the first row"] = new(() => Model(g => g.Node("GatherElements", [g.X(3), g.Node("Mul", [g.Places(3), g.Integers("zero", 0)])])), "GatherElements", AlongRows),
        ["rows at places that rows say"] = new(() => Model(g => g.Node("Gather", [g.X(3), g.Node("Mul", [g.Places(), g.Integers("zero", 0)])])), "Gather", "looks up rows by what rows of the batch say"),
        ["an outer product of the batch"] = new(() => Model(g => g.Node("MatMul", [g.Z(), g.X(3)])), "MatMul", SumsRows),
        ["a constant by the rows"] = new(() => Model(g => g.Node("MatMul", [g.C(1, 1), g.X(3)])), "MatMul", SumsRows),
        ["Gemm of columns"] = new(() => Model(g => g.Node("Gemm", [g.X(3), g.C(1, 2)], Attribute("transA", 1))), "Gemm", SumsRows),
        ["Gemm of a constant and the rows"] = new(() => Model(g => g.Node("Gemm", [g.C(1, 1), g.X(3)])), "Gemm", SumsRows),
        ["Gemm of rows and rows"] = new(() => Model(g => g.Node("Gemm", [g.X(3), g.Z(3)], Attribute("transB", 1))), "Gemm", SumsRows),

        // Out of their place.
        ["Transpose by default"] = new(() => Model(g => g.Node("Transpose", [g.X(3)])), "Transpose", MovesRows),
        ["Unsqueeze before the batch"] = new(() => Model(g => g.Node("Unsqueeze", [g.X(3), g.Integers("axes", -3)])), "Unsqueeze", MovesRows),
        ["OneHot before the batch"] = new(() => Model(g => g.Node("OneHot", [g.Places(), g.Integer(3), g.C(2)], Attribute("axis", 0))), "OneHot", MovesRows),
        ["columns of a table at the places of rows"] = new(() => Model(g => g.Node("Gather", [g.C(2, 3), g.Places()], Attribute("axis", 1))), "Gather", MovesRows),
        ["ArrayFeatureExtractor at the places of rows"] = new(() => Model(g => g.NodeIn(MlDomain, "ArrayFeatureExtractor", [g.C(3), g.Places()])), "ArrayFeatureExtractor", MovesRows),
        ["class names of two places of each row"] = new(() => Model(g => g.Node("Reshape", [g.NodeIn(MlDomain, "ArrayFeatureExtractor", [g.C(3), g.Places(2)]), g.Integers("shape", -1)])), "ArrayFeatureExtractor", MovesRows),
        ["class names of two kinds"] = new(() => Model(g => g.Node("Reshape", [g.NodeIn(MlDomain, "ArrayFeatureExtractor", [g.C(2, 3), g.Places()]), g.Integers("shape", -1)])), "ArrayFeatureExtractor", MovesRows),
        ["class names, turned and added to each row"] = new(() => Model(g => g.Node("Add", [g.X(1), g.NodeIn(MlDomain, "ArrayFeatureExtractor", [g.C(3), g.Places()])])), "ArrayFeatureExtractor", MovesRows),
        ["class names, turned, under each row, then in a line"] = new(() => Model(g => g.Node("Reshape",
            [g.Node("Add", [g.NodeIn(MlDomain, "ArrayFeatureExtractor", [g.C(3), g.Places()]), g.X(1)]), g.Integers("shape", -1)])), "ArrayFeatureExtractor", MovesRows),
        ["ArrayFeatureExtractor of numbers"] = new(() => Model(g => g.NodeIn(MlDomain, "ArrayFeatureExtractor", [g.X(), g.Integers("first", 0)])), "ArrayFeatureExtractor", AlongRows),
        ["Flatten of everything"] = new(() => Model(g => g.Node("Flatten", [g.X(3)], Attribute("axis", 0))), "Flatten", JoinsRows),
        ["Flatten into rows"] = new(() => Model(g => g.Node("Flatten", [g.X(2, 3)], Attribute("axis", 2))), "Flatten", JoinsRows),
        ["Reshape that splits rows"] = new(() => Model(g => g.Node("Reshape", [g.X(4), g.Integers("shape", -1, 2)])), "Reshape", JoinsRows),
        ["Reshape that joins rows"] = new(() => Model(g => g.Node("Reshape", [g.X(4), g.Integers("shape", 1, -1)])), "Reshape", JoinsRows),
        ["Reshape to numbers"] = new(() => Model(g => g.Node("Reshape", [g.X(2), g.Integers("shape", -1)])), "Reshape", JoinsRows),
        ["a constant beside rows"] = new(() => Model(g => g.Node("Concat", [g.X(3), g.C(1, 3)], Attribute("axis", 1))), "Concat", "puts a constant beside rows"),
        ["places in the whole batch"] = new(() => Model(g => g.Node("MaxPool", [g.X(1, 4)], Attribute("kernel_shape", [2L]))).Further(DataType.Int64), "MaxPool", "numbers the elements of the whole batch"),

        // By what the batch holds.
        ["the number of rows"] = new(() => Model(g => { var x = g.X(3); return g.Node("Add", [x, g.Node("Cast", [g.Node("Size", [x])], Attribute("to", (long)DataType.Float))]); }), "Size", Counts),
        ["the number of rows, from the shape"] = new(() => Model(g =>
        {
            var x = g.X(3);
            return g.Node("Mul", [x, g.Node("Cast", [g.Node("Gather", [g.Node("Shape", [x]), g.Integer(0)])], Attribute("to", (long)DataType.Float))]);
        }), "Shape", Counts),
        ["a row as long as there are rows"] = new(() => Model(g =>
        {
            var x = g.X(3);
            return g.Node("Reshape", [x, g.Node("Concat", [g.Integers("all", -1), g.Node("Gather", [g.Node("Shape", [x]), g.Integers("rows", 0)])], Attribute("axis", 0))]);
        }), "Shape", Counts),
        ["rows as long as there are rows"] = new(() => Model(g => { var x = g.X(3); return g.Node("Reshape", [x, g.Node("Gather", [g.Node("Shape", [x]), g.Integers("rows", 0, 0, 1)])]); }), "Shape", Counts),
        ["twice as many rows as there are"] = new(() => Model(g =>
        {
            var x = g.X(4);
            var twice = g.Node("Mul", [g.Node("Gather", [g.Node("Shape", [x]), g.Integers("rows", 0)]), g.Integers("two", 2)]);
            return g.Node("Reshape", [x, g.Node("Concat", [twice, g.Integers("rest", 2)], Attribute("axis", 0))]);
        }), "Shape", Counts),
        ["a shape in reverse"] = new(() => Model(g =>
        {
            var x = g.X(3);
            return g.Node("Reshape", [x, g.Node("Slice", [g.Node("Shape", [x]), g.Integers("starts", -1), g.Integers("ends", -9), g.Integers("axes", 0), g.Integers("steps", -1)])]);
        }), "Shape", Counts),
        ["a dynamic range"] = new(() => DynamicQuantization.Apply(Networks.Mlp(new Networks(1).Layers(3, 8, 2))), "DynamicQuantizeLinear", "takes one range over the whole batch"),
        ["a dynamic range inside a product"] = new(() => Model(g => g.NodeIn(Microsoft, "DynamicQuantizeMatMul", [g.X(3), g.Bytes(DataType.Uint8, 3, 2), g.Scale(), g.Bytes(DataType.Uint8)])), "DynamicQuantizeMatMul", "takes one range over the whole batch"),
        ["the batch's distinct numbers"] = new(() => Model(g => g.Node("Unique", [g.X()])), "Unique", "gives as many rows as the batch's values say"),
        ["texts without stop words"] = new(() => Model(g => g.Node("StringNormalizer", [g.Texts()], Attribute("stopwords", ["red", ""]), Attribute("is_case_sensitive", 1), Attribute("locale", "C")), DataType.String), "StringNormalizer", "takes rows out of the batch: it has stop words"),
        ["tokens"] = new(() => Model(g => g.NodeIn(Microsoft, "Tokenizer", [g.Texts()], Attribute("mark", 0), Attribute("mincharnum", 1), Attribute("pad_value", ""), Attribute("tokenexp", "[a-z0-9]+")), DataType.String), "Tokenizer", "pads every text to the longest of the batch"),
        ["parts of texts"] = new(() => Model(g => g.Node("StringSplit", [g.Texts()], Attribute("delimiter", " ")), DataType.String, opset: 20).Further(DataType.Int64), "StringSplit", "pads every text to the longest of the batch"),
        ["chance"] = new(() => Model(g => g.Node("RandomNormalLike", [g.X(3)])), "RandomNormalLike", "is random"),
        ["a constant of chance"] = new(() => Model(g => g.Node("Add", [g.X(3), g.Node("RandomUniform", [], Attribute("shape", [3L]))])), "RandomUniform", "is random"),
        ["Dropout that trains"] = new(() => Model(g => g.Node("Dropout", [g.X(3), g.Scale(), g.Constant(Tensors.Raw("yes", DataType.Bool, [1]))])), "Dropout", "is random"),
        ["a sum by letters"] = new(() => Model(g => g.Node("Einsum", [g.X(3)], Attribute("equation", "ij->j"))), "Einsum", "is no operator that the analysis knows"),

        // A vector is one row to them.
        ["Normalizer of numbers"] = new(() => Model(g => g.NodeIn(MlDomain, "Normalizer", [g.X()], Attribute("norm", "L2"))), "Normalizer", OneRow),
        ["LinearRegressor of numbers"] = new(() => Model(g => g.NodeIn(MlDomain, "LinearRegressor", [g.X()], Floats("coefficients", 2), Floats("intercepts", 3))), "LinearRegressor", OneRow),
        ["counts of words in one text"] = new(() => Model(g => g.Node("TfIdfVectorizer", [g.Places()],
            Attribute("mode", "TF"), Attribute("min_gram_length", 1), Attribute("max_gram_length", 1), Attribute("max_skip_count", 0),
            Attribute("ngram_counts", [0L]), Attribute("ngram_indexes", [0L, 1]), Attribute("pool_int64s", [1L, 2]))), "TfIdfVectorizer", OneRow),
    };
}
