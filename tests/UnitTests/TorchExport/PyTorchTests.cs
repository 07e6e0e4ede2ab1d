using Mlops.Onnx;
using Mlops.TorchExport;
using Mlops.UnitTests.Training;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

namespace Mlops.UnitTests.TorchExport;

/// <summary>What ONNX Runtime answers is what PyTorch answers, whatever TorchSharp makes of it: tests/oracles/layers.</summary>
[Collection(TrainingCollection.Name)]
public sealed class PyTorchTests
{
    private static readonly Dictionary<string, Func<nn.Module<Tensor, Tensor>>> Modules = new()
    {
        ["MultiheadAttention"] = () => new Attending(nn.MultiheadAttention(12, 3), nn.Identity(), nn.Identity()),
        ["TransformerEncoderLayer relu"] = () => nn.TransformerEncoderLayer(12, 3, 20, 0.1),
        ["TransformerEncoderLayer gelu"] = () => nn.TransformerEncoderLayer(12, 3, 20, 0.1, nn.Activations.GELU),
        ["TransformerEncoder"] = () => new Encoding(nn.TransformerEncoder(nn.TransformerEncoderLayer(12, 4, 20, 0.1, nn.Activations.GELU), 2)),
        ["LSTM"] = () => new AllSteps(nn.LSTM(3, 4, 2, bidirectional: true)),
        ["GRU"] = () => new AllSteps(nn.GRU(3, 4, 2, bidirectional: true, batchFirst: true)),
    };

    public static TheoryData<string> Names => [.. Modules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Layer_WithPyTorchsWeights_GivesItsAnswers(string name)
    {
        using var scope = NewDisposeScope();
        var expected = Oracle.Read("layers", "layers").GetProperty(name);
        var module = Modules[name]();
        SetWeights(module, [.. expected.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetString()!)]);
        var shape = expected.GetProperty("input").Floats().Select(length => (long)length).ToArray();

        var export = OnnxExport.From(module, tensor(Normals(100, shape), shape));

        var outputs = OrtRun.Run(export.Model, export.Samples[0].Inputs);
        Tensors.Floats(outputs[0]).ShouldBe(expected.GetProperty("output").Floats(), 2e-5);
    }

    private static void SetWeights(nn.Module module, string[] names)
    {
        using var _ = no_grad();
        var parameters = module.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
        // A module of ours around the layer puts a name before.
        foreach (var (name, index) in names.Select((name, index) => (name, index)))
        {
            var parameter = parameters.Single(candidate => candidate.Key == name || (candidate.Key[0] == '_' && candidate.Key.EndsWith($".{name}", StringComparison.Ordinal))).Value;
            parameter.copy_(tensor(Normals((ulong)index + 1, parameter.shape), parameter.shape) * 0.5);
        }
        parameters.Count.ShouldBe(names.Length);
    }

    private static float[] Normals(ulong seed, long[] shape) =>
        [.. Oracle.Normals(seed, (int)shape.Aggregate(1L, (product, length) => product * length)).Select(value => (float)value)];
}
