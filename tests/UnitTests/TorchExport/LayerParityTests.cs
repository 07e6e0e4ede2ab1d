using Mlops.TorchExport;
using Mlops.UnitTests.Training;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlops.UnitTests.TorchExport;

/// <summary>Every layer against ONNX Runtime.</summary>
[Collection(TrainingCollection.Name)]
public sealed class LayerParityTests
{
    private static readonly Dictionary<string, (Func<nn.Module<Tensor, Tensor>> Make, long[] Row)> Cases = new()
    {
        ["Linear"] = (() => nn.Linear(5, 3), [5]),
        ["Linear without bias"] = (() => nn.Linear(5, 3, hasBias: false), [5]),
        ["Linear of sequences"] = (() => nn.Linear(5, 3), [4, 5]),
        ["Conv1d"] = (() => nn.Conv1d(2, 4, 3L), [2, 9]),
        ["Conv1d stride, padding, dilation, groups"] = (() => nn.Conv1d(4, 6, 3L, stride: 2, padding: 3L, dilation: 2, groups: 2, bias: false), [4, 11]),
        ["Conv2d"] = (() => nn.Conv2d(3, 4, 3L), [3, 8, 7]),
        ["Conv2d stride, padding, dilation, groups"] = (() => nn.Conv2d(4, 6, (3L, 2L), (2L, 1L), (1L, 2L), (1L, 2L), groups: 2), [4, 9, 8]),
        ["Conv2d without bias"] = (() => nn.Conv2d(3, 4, 3L, padding: 1L, bias: false), [3, 8, 7]),
        ["Conv2d same"] = (() => nn.Conv2d(2, 3, 4L, padding: Padding.Same), [2, 9, 8]),
        ["Conv2d valid"] = (() => nn.Conv2d(2, 3, 4L, padding: Padding.Valid), [2, 9, 8]),
        ["Conv2d reflect"] = (() => nn.Conv2d(2, 3, 3L, padding: 1L, padding_mode: PaddingModes.Reflect), [2, 6, 5]),
        ["Conv2d replicate"] = (() => nn.Conv2d(2, 3, (3L, 5L), padding: (1L, 2L), padding_mode: PaddingModes.Replicate), [2, 6, 5]),
        ["Conv3d"] = (() => nn.Conv3d(2, 3, 2L, padding: 1L), [2, 4, 5, 3]),
        ["MaxPool1d"] = (() => nn.MaxPool1d(2), [3, 9]),
        ["MaxPool1d stride, padding, dilation"] = (() => nn.MaxPool1d(3, 2, 1, 2), [3, 12]),
        ["MaxPool2d"] = (() => nn.MaxPool2d(2), [3, 8, 7]),
        ["MaxPool2d stride, padding, dilation"] = (() => nn.MaxPool2d((3L, 2L), (2L, 1L), (1L, 0L), (1L, 2L)), [3, 9, 8]),
        ["MaxPool2d ceil"] = (() => nn.MaxPool2d(3, 2, ceil_mode: true), [3, 8, 7]),
        ["AvgPool1d"] = (() => nn.AvgPool1d(3, 2, 1), [3, 9]),
        ["AvgPool1d padding not counted"] = (() => nn.AvgPool1d(3, 2, 1, count_include_pad: false), [3, 9]),
        ["AvgPool2d"] = (() => nn.AvgPool2d(2), [3, 8, 7]),
        ["AvgPool2d padding"] = (() => nn.AvgPool2d((3L, 2L), (2L, 1L), (1L, 1L)), [3, 8, 7]),
        ["AvgPool2d padding not counted"] = (() => nn.AvgPool2d(3, 2, 1, count_include_pad: false), [3, 8, 7]),
        ["AvgPool2d ceil"] = (() => nn.AvgPool2d(3, 2, ceil_mode: true), [3, 8, 7]),
        ["AdaptiveAvgPool1d"] = (() => nn.AdaptiveAvgPool1d(1), [3, 8]),
        ["AdaptiveAvgPool2d"] = (() => nn.AdaptiveAvgPool2d(1), [3, 8, 7]),
        ["BatchNorm1d"] = (() => nn.BatchNorm1d(4, eps: 0.01), [4]),
        ["BatchNorm1d of sequences"] = (() => nn.BatchNorm1d(4), [4, 5]),
        ["BatchNorm1d without weights"] = (() => nn.BatchNorm1d(4, affine: false), [4]),
        ["BatchNorm2d"] = (() => nn.BatchNorm2d(3), [3, 5, 4]),
        ["BatchNorm3d"] = (() => nn.BatchNorm3d(3), [3, 2, 4, 3]),
        ["LayerNorm"] = (() => nn.LayerNorm(6, eps: 0.01), [6]),
        ["LayerNorm of two dimensions"] = (() => nn.LayerNorm([4, 6]), [3, 4, 6]),
        ["LayerNorm without weights"] = (() => nn.LayerNorm([4, 6], elementwise_affine: false), [4, 6]),
        ["GroupNorm"] = (() => nn.GroupNorm(2, 6), [6, 5]),
        ["GroupNorm of images"] = (() => nn.GroupNorm(3, 6, eps: 0.01), [6, 4, 3]),
        ["GroupNorm without weights"] = (() => nn.GroupNorm(3, 6, affine: false), [6, 4]),
        ["Dropout"] = (() => nn.Dropout(0.5), [4]),
        ["Dropout2d"] = (() => nn.Dropout2d(0.5), [3, 4, 4]),
        ["AlphaDropout"] = (() => nn.AlphaDropout(0.5), [4]),
        ["Flatten"] = (() => nn.Flatten(), [3, 4, 2]),
        ["Flatten in the middle"] = (() => nn.Flatten(1, 2), [3, 4, 2]),
        ["Flatten from the end"] = (() => nn.Flatten(-2, -1), [3, 4, 2]),
        ["Unflatten"] = (() => nn.Unflatten(1, [2, 3]), [6]),
        ["Unflatten in the middle"] = (() => nn.Unflatten(1, [2, -1]), [6, 4]),
        ["Identity"] = (() => nn.Identity(), [4]),
        ["ReLU"] = (() => nn.ReLU(), [9]),
        ["ReLU in place"] = (() => nn.ReLU(inplace: true), [9]),
        ["ReLU6"] = (() => nn.ReLU6(), [40]),
        ["LeakyReLU"] = (() => nn.LeakyReLU(0.2), [9]),
        ["ELU"] = (() => nn.ELU(0.7), [9]),
        ["CELU"] = (() => nn.CELU(0.7), [9]),
        ["SELU"] = (() => nn.SELU(), [9]),
        ["GELU"] = (() => nn.GELU(), [40]),
        ["GELU by tanh"] = (() => nn.GELU(TorchSharp.Modules.GELU.Approximate.tanh), [40]),
        ["SiLU"] = (() => nn.SiLU(), [9]),
        ["Mish"] = (() => nn.Mish(), [9]),
        ["Hardswish"] = (() => nn.Hardswish(), [40]),
        ["Sigmoid"] = (() => nn.Sigmoid(), [9]),
        ["Hardsigmoid"] = (() => nn.Hardsigmoid(), [40]),
        ["Tanh"] = (() => nn.Tanh(), [9]),
        ["Softsign"] = (() => nn.Softsign(), [9]),
        ["Softplus"] = (() => nn.Softplus(), [9]),
        ["Softplus beta, threshold"] = (() => nn.Softplus(2, 3), [40]),
        ["LogSigmoid"] = (() => nn.LogSigmoid(), [9]),
        ["Softmax"] = (() => nn.Softmax(1), [4]),
        ["Softmax from the end"] = (() => nn.Softmax(-2), [3, 4]),
        ["LogSoftmax"] = (() => nn.LogSoftmax(1), [4]),
        ["TransformerEncoderLayer"] = (() => nn.TransformerEncoderLayer(8, 2, 16, 0.1), [2, 8]),
        ["TransformerEncoderLayer GELU"] = (() => nn.TransformerEncoderLayer(12, 3, 20, 0.1, nn.Activations.GELU), [2, 12]),
        ["TransformerEncoderLayer of one head"] = (() => nn.TransformerEncoderLayer(8, 1, 16), [1, 8]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Layer_AnyBatch_AgreesWithTorch(string name)
    {
        var (make, row) = Cases[name];
        using var module = Parity.Randomised(make());

        Parity.ShouldAgree(module, row);
    }

    [Fact]
    public void Layers_WithAnExporter_AreAllTried()
    {
        using var scope = NewDisposeScope();
        var tried = Cases.Values.Select(given => given.Make().GetType().Name).ToHashSet();

        LayerExporters.Standard.Accepted.Except(tried)
            .ShouldBe(["Dropout1d", "Dropout3d", "Embedding", "FeatureAlphaDropout", "GRU", "LSTM", "Sequential", "TransformerEncoder"]);
    }

    [Fact]
    public void Embedding_TakesIntegers()
    {
        using var scope = NewDisposeScope();
        var module = Parity.Randomised(nn.Embedding(10, 4));
        Tensor Ids(int rows) => arange(rows * 3, ScalarType.Int64).remainder(10).view(rows, 3);

        var export = OnnxExport.From(module, Ids(2));

        Parity.ShouldAgree(export, module, Ids(1), Ids(7));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void TransformerEncoder_StepsAndBatchOfAnyLength_AgreesWithTorch(int layers)
    {
        using var scope = NewDisposeScope();
        var layer = nn.TransformerEncoderLayer(16, 4, 24, 0.1, nn.Activations.GELU);
        var module = Parity.Randomised(nn.TransformerEncoder(layer, layers));

        var export = OnnxExport.From(module, Parity.Numbers(1, 5, 2, 16), Parity.Numbers(2, 5, 3, 16));

        Parity.ShouldAgree(export, module, Parity.Numbers(3, 1, 1, 16), Parity.Numbers(4, 7, 4, 16));
    }
}
