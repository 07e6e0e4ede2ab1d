using Mlops.Contracts;
using Mlops.TorchExport;
using Mlops.UnitTests.Training;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

namespace Mlops.UnitTests.TorchExport;

/// <summary>Recurrent layers and attention, within modules of users.</summary>
[Collection(TrainingCollection.Name)]
public sealed class SequenceParityTests
{
    private static readonly Dictionary<string, Func<nn.Module>> Recurrent = new()
    {
        ["LSTM"] = () => nn.LSTM(3, 5),
        ["LSTM batch first"] = () => nn.LSTM(3, 5, batchFirst: true),
        ["LSTM of two levels, both directions"] = () => nn.LSTM(3, 4, 2, bidirectional: true),
        ["LSTM without bias"] = () => nn.LSTM(3, 5, bias: false),
        ["GRU"] = () => nn.GRU(3, 5),
        ["GRU batch first"] = () => nn.GRU(3, 5, batchFirst: true),
        ["GRU of three levels, both directions"] = () => nn.GRU(3, 4, 3, bidirectional: true, dropout: 0.3),
        ["GRU without bias"] = () => nn.GRU(3, 5, bias: false),
    };

    public static TheoryData<string> Names => [.. Recurrent.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Recurrent_AllSteps_AgreesWithTorch(string name)
    {
        using var scope = NewDisposeScope();
        var module = new AllSteps(Parity.Randomised(Recurrent[name]()));

        var export = OnnxExport.From(module, Parity.Numbers(1, 4, 2, 3), Parity.Numbers(2, 4, 5, 3));

        Parity.ShouldAgree(export, module, Parity.Numbers(3, 1, 1, 3), Parity.Numbers(4, 6, 4, 3));
    }

    [Theory]
    [InlineData("LSTM batch first")]
    [InlineData("GRU batch first")]
    public void Recurrent_LastStepByARegisteredExporter_AgreesWithTorch(string name)
    {
        using var scope = NewDisposeScope();
        var module = nn.Sequential(("encode", new LastStep(Recurrent[name]())), ("classify", nn.Linear(5, 2)));

        var export = OnnxExport.From(module, [Parity.Numbers(1, 2, 4, 3)], new OnnxExportOptions { Exporters = LastStep.Exporters });

        export.Certify(OrtRun.Run, "ONNX Runtime", Parity.Tolerance).Certificate.Samples.ShouldBe(2);
        Should.Throw<Fault>(() => OnnxExport.From(module, Parity.Numbers(1, 2, 4, 3))).Message.ShouldStartWith("encode: LastStep is not accepted; AdaptiveAvgPool1d, ");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(12)]
    public void Attention_AnyNumberOfHeads_IsFoundOutAndAgreesWithTorch(int heads)
    {
        using var scope = NewDisposeScope();
        var module = new Attending(Parity.Randomised(nn.MultiheadAttention(12, heads)), nn.Identity(), nn.Tanh());

        var export = OnnxExport.From(module, Parity.Numbers(1, 5, 2, 12), Parity.Numbers(2, 5, 3, 12));

        Parity.ShouldAgree(export, module, Parity.Numbers(3, 1, 1, 12), Parity.Numbers(4, 7, 4, 12));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Attention_NewLayer_IsFoundOut(bool bias)
    {
        using var scope = NewDisposeScope();
        var module = new Attending(nn.MultiheadAttention(64, 8, bias: bias), nn.Identity(), nn.Identity());

        Parity.ShouldAgree(OnnxExport.From(module, Parity.Numbers(1, 5, 2, 64), Parity.Numbers(2, 5, 3, 64)), module, Parity.Numbers(3, 9, 4, 64));
    }

    [Fact]
    public void Attention_KeysAndValuesOfOtherWidths_AgreesWithTorch()
    {
        using var scope = NewDisposeScope();
        var module = new Attending(Parity.Randomised(nn.MultiheadAttention(8, 2, kdim: 6, vdim: 6)), nn.Linear(8, 6), nn.Linear(8, 6));

        var export = OnnxExport.From(module, Parity.Numbers(1, 5, 2, 8), Parity.Numbers(2, 5, 3, 8));

        Parity.ShouldAgree(export, module, Parity.Numbers(3, 7, 4, 8));
    }

    [Fact]
    public void Attention_WithAddedKeys_IsRefused()
    {
        using var scope = NewDisposeScope();

        foreach (var attention in new[] { nn.MultiheadAttention(8, 2, add_bias_kv: true), nn.MultiheadAttention(8, 2, add_zero_attn: true) })
        {
            var module = new Attending(Parity.Randomised(attention), nn.Identity(), nn.Identity());
            Should.Throw<Fault>(() => OnnxExport.From(module, Parity.Numbers(1, 5, 2, 8))).Problems.ShouldHaveSingleItem().Field.ShouldBe("_attention");
        }
    }
}
