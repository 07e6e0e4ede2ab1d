using Mlops.Contracts;
using Mlops.Onnx;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Onnx.DynamicQuantizationTests;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx;

public sealed class Float16ConversionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Apply_Mlp_StaysWithinTheRoundingError(int seed)
    {
        var networks = new Networks(seed);
        var layers = networks.Layers(32, 64, 8);
        var rows = networks.Uniform(16 * 32);
        var model = Networks.Mlp(layers);
        var expected = Ort.Run(model, rows, 16, 32);
        var actual = Ort.Run(Float16Conversion.Apply(model), rows, 16, 32);
        var bounds = ErrorBounds.Of(layers, rows, ErrorBounds.Float16);
        for (var i = 0; i < expected.Length; i++)
            ((double)Math.Abs(actual[i] - expected[i])).ShouldBeLessThanOrEqualTo(bounds[i]);
        actual.ShouldNotBe(expected);
    }

    [Fact]
    public void Apply_Cnn_ConvertsFromFirstLayerToLast()
    {
        var model = new Networks(5).Cnn();
        var converted = Float16Conversion.Apply(model);
        Operators(converted).ShouldBe(["Reshape", "Cast", "Conv", "Relu", "MaxPool", "Conv", "Relu", "Flatten", "Gemm", "Cast", "Identity"]);
        var images = new Networks(6).Uniform(8 * 64);
        // Three layers, each off by a few units of 2⁻¹¹ of its operands.
        Distance(Ort.Run(model, images, 8, 64), Ort.Run(converted, images, 8, 64)).ShouldBeLessThan(0.005);
    }

    [Fact]
    public void Apply_PreprocessingAndSoftmax_StayIn32Bits()
    {
        var model = new Networks(7).Mixed();
        var converted = Float16Conversion.Apply(model);
        GraphChecker.Check(converted);
        converted.Graph.Input.ShouldBe(model.Graph.Input);
        converted.Graph.Output.ShouldBe(model.Graph.Output);
        Operators(converted).ShouldBe([
            "IsNaN", "Where", "Sub", "Div", "OneHotEncoder", "Reshape", "Concat", "Cast", "Gemm", "Tanh", "Gemm", "Cast",
            "Softmax", "ArgMax", "LabelEncoder", "Identity", "Identity"]);
        Distance(MixedRun(model), MixedRun(converted)).ShouldBeLessThan(0.005);
    }

    [Fact]
    public void Apply_ScalingBackToTheTargetsUnit_StaysIn32Bits()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", DataType.Float, -1, 2);
        var y = graph.Node("MatMul", [x, graph.Floats("w", [1, 1], 2, 1)]);
        y = graph.Node("Add", [graph.Node("Mul", [y, graph.Floats("deviation", [1000], 1)]), graph.Floats("mean", [1], 1)]);
        graph.Output("y", y, DataType.Float, -1, 1);
        // Both numbers and their sum are exact halves; near 750 a half has steps of 0.5.
        Ort.Run(Float16Conversion.Apply(graph.Build()), [0.5f, 0.25f + 1f / 1024], 1, 2).ShouldBe([751.9765625f]);
    }

    [Fact]
    public void Apply_WeightAboveAHalf_StaysIn32BitsWithItsLayer()
    {
        var graph = new GraphBuilder();
        var hidden = graph.Node("MatMul", [graph.Input("x", DataType.Float, -1, 2), graph.Floats("large", [70_000, 0, 0, 70_000], 2, 2)]);
        graph.Output("y", graph.Node("MatMul", [hidden, graph.Floats("small", [1, 2, 3, 4], 2, 2)]), DataType.Float, -1, 2);
        var converted = Float16Conversion.Apply(graph.Build());
        Operators(converted).ShouldBe(["MatMul", "Cast", "MatMul", "Cast", "Identity"]);
        Ort.Run(converted, [1f / 1024, 1f / 1024], 1, 2)[0].ShouldBe(4 * 70_000 / 1024f, 0.2f);
    }

    [Fact]
    public void Apply_OnlyWeightsAboveAHalf_IsRefused()
    {
        var graph = new GraphBuilder();
        graph.Output("y", graph.Node("MatMul", [graph.Input("x", DataType.Float, -1, 1), graph.Floats("w", [1e6f], 1, 1)]), DataType.Float, -1, 1);
        Should.Throw<Fault>(() => Float16Conversion.Apply(graph.Build())).Message.ShouldContain("nothing to convert");
    }

    [Fact]
    public void Apply_ValueReadInsideAndOutside_ServesBoth()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", DataType.Float, -1, 1);
        var w = graph.Floats("w", [2], 1, 1);
        var hidden = graph.Node("MatMul", [x, w]);
        var last = graph.Node("MatMul", [hidden, w]);
        graph.Output("y", graph.Node("Add", [graph.Node("Add", [last, hidden]), w]), DataType.Float, -1, 1);
        Ort.Run(Float16Conversion.Apply(graph.Build()), [3], 1, 1).ShouldBe([12f + 6 + 2]);
    }

    [Fact]
    public void Apply_Mlp_LeavesTheSource()
    {
        var model = Networks.Mlp(new Networks(8).Layers(4, 4, 2));
        var before = model.Clone();
        Float16Conversion.Apply(model);
        model.ShouldBe(before);
    }

    [Fact]
    public void Apply_WideMlp_IsHalfTheSize()
    {
        var model = Networks.Mlp(new Networks(9).Layers(64, 256, 256, 10));
        (Size(model) / (double)Size(Float16Conversion.Apply(model))).ShouldBe(2, 0.05);
    }
}
