using CsCheck;
using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;
using static Mlops.Onnx.GraphBuilder;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx;

public sealed class DynamicQuantizationTests
{
    // Worked by hand: columns (1, 0.25) and (−2, 6) have the scales 1/127 and 6/127, so the bytes are
    // (127, 31.75 → 32) and (−42.33 → −42, 127).
    private static readonly float[] Weights2X2 = [1, -2, 0.25f, 6];

    [Fact]
    public void PerColumn_TwoByTwo_IsAsWorkedByHand()
    {
        var quantized = Int8Weights.PerColumn(Weights2X2, columns: 2);
        quantized.Values.ShouldBe([127, -42, 32, 127]);
        quantized.Scales.ShouldBe([1f / 127, 6f / 127]);
    }

    [Fact]
    public void PerFirstDimension_TwoByTwo_HasAScaleForEachRow()
    {
        // Rows (1, −2) and (0.25, 6): 2/127 gives 63.5 → 64 and −127; 6/127 gives 5.29 → 5 and 127.
        var quantized = Int8Weights.PerFirstDimension(Weights2X2, channels: 2);
        quantized.Values.ShouldBe([64, -127, 5, 127]);
        quantized.Scales.ShouldBe([2f / 127, 6f / 127]);
    }

    [Fact]
    public void PerColumn_AnyWeights_AreOffByAtMostHalfAScale() =>
        Gen.Float[-1e6f, 1e6f].Array[12].Sample(weights =>
        {
            var quantized = Int8Weights.PerColumn(weights, columns: 3);
            for (var i = 0; i < weights.Length; i++)
            {
                var scale = quantized.Scales[i % 3];
                Math.Abs(quantized.Values[i] * scale - weights[i]).ShouldBeLessThanOrEqualTo(scale * 0.5001f);
            }
        });

    [Fact]
    public void PerColumn_ColumnOfZeros_IsExact() => Int8Weights.PerColumn([0, 2, 0, 1], columns: 2).Scales.ShouldBe([1, 2f / 127]);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void PerColumn_WeightThatIsNotFinite_IsRefused(float weight) =>
        Should.Throw<Fault>(() => Int8Weights.PerColumn([1, weight], columns: 2)).Message.ShouldContain("weight 1 of a layer is");

    [Fact]
    public void Apply_TwoByTwo_GivesWhatWasWorkedByHand()
    {
        var graph = new GraphBuilder();
        graph.Output("y", graph.Node("MatMul", [graph.Input("x", DataType.Float, -1, 2), graph.Floats("w", Weights2X2, 2, 2)]), DataType.Float, -1, 2);
        var result = Ort.Run(DynamicQuantization.Apply(graph.Build()), [1, 0.2f], 1, 2);
        // The range 0 … 1 gives the activation's scale 1/255, so (1, 0.2) are 255 and 51.
        result[0].ShouldBe((255 * 127 + 51 * 32) / 255f / 127, 1e-6f);
        result[1].ShouldBe((255 * -42 + 51 * 127) / 255f / 127 * 6, 1e-6f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Apply_Mlp_StaysWithinTheQuantisationError(int seed)
    {
        var networks = new Networks(seed);
        var layers = networks.Layers(32, 64, 8);
        var rows = networks.Uniform(16 * 32);
        var model = Networks.Mlp(layers);
        var expected = Ort.Run(model, rows, 16, 32);
        var actual = Ort.Run(DynamicQuantization.Apply(model), rows, 16, 32);
        var bounds = ErrorBounds.Of(layers, rows, ErrorBounds.Int8);
        for (var i = 0; i < expected.Length; i++)
            ((double)Math.Abs(actual[i] - expected[i])).ShouldBeLessThanOrEqualTo(bounds[i]);
    }

    [Fact]
    public void Apply_LargestBytesEverywhere_DoNotSaturate()
    {
        // 255 × 127 twice is beyond 16 bits: a kernel for signed weights adds up half of it on x86 without VNNI.
        const int Depth = 64;
        float[] ones = [.. Enumerable.Repeat(1f, Depth)];
        var graph = new GraphBuilder();
        graph.Output("y", graph.Node("MatMul", [graph.Input("x", DataType.Float, -1, Depth), graph.Floats("w", ones, Depth, 1)]), DataType.Float, -1, 1);
        Ort.Run(DynamicQuantization.Apply(graph.Build()), ones, 1, Depth)[0].ShouldBe(Depth, 1e-3f);
    }

    [Fact]
    public void Apply_Convolution_StaysWithinTheWeightsError()
    {
        var networks = new Networks(4);
        var kernel = networks.Uniform(4 * 2 * 9);
        var graph = new GraphBuilder();
        var x = graph.Input("x", DataType.Float, -1, 2, 6, 6);
        graph.Output("y", graph.Node("Conv", [x, graph.Floats("kernel", kernel, 4, 2, 3, 3)]), DataType.Float, -1, 4, 4, 4);
        var model = graph.Build();
        var image = networks.Uniform(2 * 36);
        var expected = Ort.Run(model, image, 1, 2, 6, 6);
        var actual = Ort.Run(DynamicQuantization.Apply(model), image, 1, 2, 6, 6);
        for (var i = 0; i < expected.Length; i++)
        {
            // Each of 18 products is off by at most half the channel's scale, as |x| < 1.
            var scale = kernel.AsSpan(i / 16 * 18, 18).ToArray().Max(Math.Abs) / 127;
            Math.Abs(actual[i] - expected[i]).ShouldBeLessThanOrEqualTo(18 * scale / 2 + 1e-5f);
        }
        actual.ShouldNotBe(expected);
    }

    [Fact]
    public void Apply_Cnn_QuantisesConvolutionsAndLinearLayer()
    {
        var model = new Networks(5).Cnn();
        var quantized = DynamicQuantization.Apply(model);
        Operators(quantized).ShouldBe([
            "Reshape", "DequantizeLinear", "Conv", "Relu", "MaxPool", "DequantizeLinear", "Conv", "Relu", "Flatten",
            "DynamicQuantizeLinear", "MatMulInteger", "Cast", "Mul", "Mul", "Add", "Identity"]);
        var images = new Networks(6).Uniform(8 * 64);
        var (expected, actual) = (Ort.Run(model, images, 8, 64), Ort.Run(quantized, images, 8, 64));
        Distance(expected, actual).ShouldBeLessThan(0.03);
        Size(quantized).ShouldBeLessThan(Size(model) / 2);
    }

    [Fact]
    public void Apply_Preprocessing_IsUntouched()
    {
        var model = new Networks(7).Mixed();
        var quantized = DynamicQuantization.Apply(model);
        GraphChecker.Check(quantized);
        var others = model.Graph.Node.Where(node => node.OpType != "Gemm").ToArray();
        others.ShouldBeSubsetOf(quantized.Graph.Node);
        // Steps of 1/255 and 1/127 through layers of 5 and 8 weights below 1; the softmax does not enlarge them.
        Distance(MixedRun(model), MixedRun(quantized)).ShouldBeLessThan(0.05);
    }

    [Theory]
    [InlineData(1f, 1f, 0)]
    [InlineData(0.5f, 1f, 0)]
    [InlineData(-2f, 3f, 1)]
    [InlineData(1f, 0f, 1)]
    public void Apply_Gemm_KeepsItsFactorsAndTransposition(float alpha, float beta, int transB)
    {
        // Whole numbers of the largest byte, so that quantisation is exact: x in {0, 255}, w in {0, ±127}.
        var graph = new GraphBuilder();
        var x = graph.Input("x", DataType.Float, -1, 3);
        var w = graph.Floats("w", [127, 0, -127, 127, 127, 0], transB == 0 ? [3, 2] : [2, 3]);
        var y = graph.Node("Gemm", [x, w, graph.Floats("c", [10, 20], 2)], Attribute("alpha", alpha), Attribute("beta", beta), Attribute("transB", transB));
        graph.Output("y", y, DataType.Float, -1, 2);
        var model = graph.Build();
        float[] rows = [255, 0, 255, 0, 255, 0];
        var expected = Ort.Run(model, rows, 2, 3);
        var actual = Ort.Run(DynamicQuantization.Apply(model), rows, 2, 3);
        for (var i = 0; i < expected.Length; i++)
            actual[i].ShouldBe(expected[i], 1e-5f * (1 + Math.Abs(expected[i])));
    }

    [Fact]
    public void Apply_TransposedActivation_IsLeftAlone()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", DataType.Float, 3, 2);
        var hidden = graph.Node("Gemm", [x, graph.Floats("w", new float[6], 3, 2)], Attribute("transA", 1));
        graph.Output("y", graph.Node("MatMul", [hidden, graph.Floats("v", new float[4], 2, 2)]), DataType.Float, 2, 2);
        Operators(DynamicQuantization.Apply(graph.Build())).ShouldBe(["Gemm", "DynamicQuantizeLinear", "MatMulInteger", "Cast", "Mul", "Mul", "Identity"]);
    }

    [Fact]
    public void Apply_TwoLayersOnOneActivation_QuantiseItOnce()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", DataType.Float, -1, 2);
        var w = graph.Floats("w", Weights2X2, 2, 2);
        var both = graph.Node("Add", [graph.Node("MatMul", [x, w]), graph.Node("MatMul", [x, w])]);
        graph.Output("y", both, DataType.Float, -1, 2);
        var quantized = DynamicQuantization.Apply(graph.Build());
        Operators(quantized).Count(name => name == "DynamicQuantizeLinear").ShouldBe(1);
        quantized.Graph.Initializer.Count.ShouldBe(3); // bytes, scales, zero point
    }

    [Fact]
    public void Apply_WeightWithAnotherReader_StaysForIt()
    {
        var graph = new GraphBuilder();
        var w = graph.Floats("w", Weights2X2, 2, 2);
        graph.Output("y", graph.Node("Add", [graph.Node("MatMul", [graph.Input("x", DataType.Float, -1, 2), w]), w]), DataType.Float, 2, 2);
        var quantized = DynamicQuantization.Apply(graph.Build());
        Tensors.Floats(quantized.Graph.Initializer.Single(tensor => tensor.Name == w)).ShouldBe(Weights2X2);
        Ort.Run(quantized, new float[4], 2, 2).ShouldBe(Weights2X2);
    }

    [Fact]
    public void Apply_Mlp_LeavesTheSourceAndDropsItsWeights()
    {
        var model = Networks.Mlp(new Networks(8).Layers(4, 4, 2));
        var before = model.Clone();
        var quantized = DynamicQuantization.Apply(model);
        model.ShouldBe(before);
        GraphChecker.Check(quantized);
        quantized.Graph.Initializer.ShouldNotContain(tensor => tensor.DataType == (int)DataType.Float && tensor.Dims.Count == 2);
    }

    [Fact]
    public void Apply_WideMlp_IsMuchSmaller()
    {
        var model = Networks.Mlp(new Networks(9).Layers(64, 256, 256, 10));
        (Size(model) / (double)Size(DynamicQuantization.Apply(model))).ShouldBeGreaterThan(3.5);
    }

    [Fact]
    public void Apply_NothingToQuantise_IsRefused()
    {
        var graph = new GraphBuilder();
        graph.Output("y", graph.Node("Relu", [graph.Input("x", DataType.Float, -1, 2)]), DataType.Float, -1, 2);
        Should.Throw<Fault>(() => DynamicQuantization.Apply(graph.Build())).Message.ShouldContain("nothing to quantise");
    }

    [Fact]
    public void Apply_OldOperatorSet_IsRefused()
    {
        var model = Networks.Mlp(new Networks(1).Layers(2, 2));
        model.OpsetImport[0].Version = 12;
        Should.Throw<Fault>(() => DynamicQuantization.Apply(model)).Message.ShouldContain("operator set 12; 13 and above");
    }

    internal static float[] MixedRun(ModelProto model)
    {
        using var numbers = OrtValue.CreateTensorValueFromMemory([150f, 5f, float.NaN, 9f, 60f, float.NaN], [3, 2]);
        using var colours = Ort.Texts(["red", "", "blue"], 3, 1);
        return Ort.Run(model, new Dictionary<string, OrtValue> { ["numbers"] = numbers, ["colour"] = colours });
    }

    internal static string[] Operators(ModelProto model) => [.. model.Graph.Node.Select(node => node.OpType)];

    internal static int Size(ModelProto model) => OnnxFile.Write(model).Length;

    /// <summary>The largest difference, as a share of the largest expected value.</summary>
    internal static double Distance(float[] expected, float[] actual) =>
        expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max() / expected.Max(Math.Abs);
}
