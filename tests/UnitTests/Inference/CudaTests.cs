using System.Runtime.InteropServices;
using Google.Protobuf;
using Mlops.Inference;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Mlops.Scoring;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>Where there is a CUDA device, it gives what the processor gives.</summary>
public sealed class CudaTests
{
    private const int Width = 64;

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(300)]
    public void Run_OnADevice_GivesWhatTheProcessorGives(int rows)
    {
        Assert.SkipWhen(OnnxSessions.WhyNoCuda is not null, OnnxSessions.WhyNoCuda ?? "");
        var bytes = Network().ToByteArray();
        using var device = OnnxModel.Load(bytes, ExecutionProvider.Cuda);
        using var processor = OnnxModel.Load(bytes, ExecutionProvider.Cpu);

        var values = Enumerable.Range(0, rows * Width).Select(index => MathF.Sin(index)).ToArray();
        var request = new CheckedRequest([new InputTensor("x", "FP32", [rows, Width], Requests.Bytes(values))], device.AllOutputs, rows, IsEmpty: false);
        var (expected, actual) = (Answer(processor, request), Answer(device, request));

        device.Provider.ShouldBe(ExecutionProvider.Cuda);
        expected.Zip(actual).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 1e-3f * Math.Max(1, Math.Abs(pair.First)));
    }

    private static float[] Answer(OnnxModel model, CheckedRequest request)
    {
        using var answer = model.Run(request);
        return MemoryMarshal.Cast<byte, float>(answer.Outputs[0].Contents.Span).ToArray();
    }

    private static ModelProto Network()
    {
        var graph = new GraphBuilder();
        var weights = graph.Floats("weights", [.. Enumerable.Range(0, Width * Width).Select(index => MathF.Cos(index) / 8)], Width, Width);
        var hidden = graph.Node("Relu", [graph.Node("MatMul", [graph.Input("x", TensorProto.Types.DataType.Float, -1, Width), weights])]);
        graph.Output("y", graph.Node("MatMul", [hidden, weights]), TensorProto.Types.DataType.Float, -1, Width);
        return graph.Build();
    }
}
