using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Training.Features;
using Mlops.Training.Gradients;
using Mlops.Training.Loop;
using Mlops.Training.Losses;
using Mlops.Training.Networks;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

namespace Mlops.UnitTests.Training;

/// <summary>Losses of six rows and their gradients, as PyTorch computes them (the focal loss by its definition in double precision).</summary>
[Collection(TrainingCollection.Name)]
public sealed class LossTests
{
    private static readonly SortedDictionary<string, double> Weights = new() { ["a"] = 2, ["c"] = 0.5 };

    private static readonly Dictionary<string, LossSpec> Specs = new()
    {
        ["cross-entropy"] = new CrossEntropyLossSpec(),
        ["cross-entropy-weighted"] = new CrossEntropyLossSpec { ClassWeights = new ClassWeightsSpec { Of = Weights } },
        ["cross-entropy-balanced"] = new CrossEntropyLossSpec { ClassWeights = new ClassWeightsSpec { Balanced = true } },
        ["cross-entropy-smoothed"] = new CrossEntropyLossSpec { LabelSmoothing = 0.1, ClassWeights = new ClassWeightsSpec { Of = Weights } },
        ["focal"] = new FocalLossSpec(),
        ["focal-weighted"] = new FocalLossSpec { Gamma = 1.5, ClassWeights = new ClassWeightsSpec { Of = Weights } },
        ["binary"] = new BinaryLossSpec { PositiveWeight = 3 },
        ["mse"] = new MseLossSpec(),
        ["mae"] = new MaeLossSpec(),
        ["huber"] = new HuberLossSpec { Delta = 0.7 },
        ["quantile"] = new QuantileLossSpec { Quantile = 0.9 },
    };

    public static TheoryData<string> Names => [.. Specs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Of_SixRows_IsThatOfPyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var expected = Oracle.Read("losses").GetProperty(name);
        var (output, targets, encoding) = Rows(name);
        using var loss = Loss.Create(Specs[name], encoding, new MemorySamples(new Samples(output, targets)));
        output.requires_grad_();

        var value = loss.Of(output, targets);
        value.backward();

        value.ToNumber().ShouldBe(expected.GetProperty("loss").GetDouble(), 1e-6);
        output.grad!.ToFloats().ShouldBe(expected.GetProperty("gradient").Floats(), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Differentiate_SixRows_IsThatOfPyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var expected = Oracle.Read("losses").GetProperty(name);
        var (output, targets, encoding) = Rows(name);
        using var loss = Loss.Create(Specs[name], encoding, new MemorySamples(new Samples(output, targets)));
        var gradient = new RowBuffer((int)output.shape[1]);
        gradient.Reserve(rows: 6);

        var value = loss.Differentiate(Mlops.Training.Gradients.Matrix.Of(output), targets, gradient.Matrix);

        value.ShouldBe(expected.GetProperty("loss").GetDouble(), 1e-6);
        Enumerable.Range(0, 6).SelectMany(row => gradient.Matrix.Row(row).ToArray()).ShouldBe(expected.GetProperty("gradient").Floats(), 1e-6);
    }

    [Fact]
    public void Create_WeightOfAnUnknownClass_NamesIt()
    {
        using var codes = tensor([0L, 1]);
        var spec = new CrossEntropyLossSpec { ClassWeights = new ClassWeightsSpec { Of = new SortedDictionary<string, double> { ["d"] = 2 } } };

        Should.Throw<Fault>(() => Loss.Create(spec, Classes("a", "b"), new MemorySamples(new Samples(codes, codes)))).Message.ShouldBe("loss.classWeights.of.d: there is no such class; a, b are accepted");
    }

    [Fact]
    public void Create_BinaryForThreeClasses_IsRefused()
    {
        using var codes = tensor([0L, 1, 2]);

        Should.Throw<Fault>(() => Loss.Create(new BinaryLossSpec(), Classes("a", "b", "c"), new MemorySamples(new Samples(codes, codes))))
            .Message.ShouldBe("loss.type: binary is not accepted for the 3 classes of class; two classes are, or cross-entropy");
    }

    private static (Tensor Output, Tensor Targets, TargetEncoding Encoding) Rows(string name) => Specs[name] switch
    {
        BinaryLossSpec => (Matrix(22, 1), tensor([0L, 1, 1, 0, 1, 0]), Classes("a", "b")),
        CrossEntropyLossSpec or FocalLossSpec => (Matrix(21, 3), tensor([0L, 2, 1, 2, 2, 0]), Classes("a", "b", "c")),
        _ => (Matrix(23, 2), Matrix(24, 2) * 2, new NumericEncoding { Columns = [], Moments = [], Scaling = TargetScaling.None }),
    };

    private static Tensor Matrix(ulong seed, int columns) => tensor(Array.ConvertAll(Oracle.Normals(seed, 6 * columns), value => (float)value), [6, columns]);

    private static ClassEncoding Classes(params string[] classes) => new() { Name = "class", Classes = classes };
}
