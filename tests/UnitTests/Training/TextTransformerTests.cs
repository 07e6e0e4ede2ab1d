using Mlops.Contracts.Spec;
using Mlops.Training.Features;
using Mlops.Training.Networks;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

namespace Mlops.UnitTests.Training;

/// <summary>The encoder is PyTorch's, with normalisation first.</summary>
[Collection(TrainingCollection.Name)]
public sealed class TextTransformerTests
{
    [Fact]
    public void Forward_AndGradients_AreThoseOfPyTorchsEncoder()
    {
        using var scope = NewDisposeScope();
        var oracle = Oracle.Read("transformer");
        int Of(string name) => oracle.GetProperty(name).GetInt32();
        var spec = new TextTransformerSpec { MaxTokens = Of("length"), Width = Of("width"), Heads = Of("heads"), Hidden = Of("hidden"), Layers = Of("layers") };
        var layout = new RowLayout(Of("length") + Of("numbers"), [new("text", 0, Of("length"), Of("words"), AreTokens: true)]);
        using var network = Network.Build(spec, layout, Of("outputs"), seed: 1);
        network.Set([.. network.Parameters.Select((parameter, index) => Oracle.Normals(100 + (ulong)index, (int)parameter.numel()).Select(value => (float)value * 0.5f).ToArray())]);

        var tokens = tensor(oracle.GetProperty("tokens").Floats()).view(-1, Of("length"));
        var numbers = tensor(Oracle.Normals(50, 3 * Of("numbers")).Select(value => (float)value).ToArray()).view(3, -1);
        var logits = network.Forward(cat([tokens, numbers], 1), pass: null);
        logits.square().mean().backward();

        logits.ToFloats().ShouldBe(oracle.GetProperty("logits").Floats(), 1e-5);
        foreach (var ((name, values), expected) in network.NamedParameters.Zip(oracle.GetProperty("gradients").EnumerateArray()))
            values.grad!.ToFloats().ShouldBe(expected.Floats(), 1e-5, name);
    }

    [Fact]
    public void Forward_OfAText_DoesNotDependOnTheOthers()
    {
        using var scope = NewDisposeScope();
        var layout = new RowLayout(9, [new("text", 0, 9, 20, AreTokens: true)]);
        using var network = Network.Build(new TextTransformerSpec { MaxTokens = 9, Width = 8, Heads = 2 }, layout, 2, seed: 1);
        var rows = tensor(new float[] { 4, 5, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0 }).view(3, 9);

        var together = network.Forward(rows, pass: null).ToFloats();
        var alone = Enumerable.Range(0, 3).SelectMany(row => network.Forward(rows.narrow(0, row, 1), pass: null).ToFloats());

        alone.ShouldBe(together, 1e-5);
    }
}
