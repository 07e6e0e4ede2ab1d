using CsCheck;
using Mlops.UnitTests.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlops.UnitTests.TorchExport;

/// <summary>Stacks of layers that nobody thought of: each number is a layer.</summary>
[Collection(TrainingCollection.Name)]
public sealed class RandomModuleTests
{
    private static readonly Gen<int[]> Layers = Gen.Int[0, 9_999].Array[1, 6];

    private static readonly Func<nn.Module<Tensor, Tensor>>[] Activations =
        [() => nn.ReLU(), () => nn.GELU(), () => nn.SiLU(), () => nn.Tanh(), () => nn.LeakyReLU(0.1), () => nn.ELU(), () => nn.Softplus(), () => nn.Hardswish(), () => nn.Dropout(0.3)];

    [Fact]
    public void Rows_AnySequential_AgreesWithTorch() => Gen.Select(Gen.Long[1, 8], Layers).Sample(
        (width, numbers) =>
        {
            using var scope = NewDisposeScope();
            var module = nn.Sequential(nn.Identity());
            foreach (var number in numbers)
                module.append(LayerOf(number, ShapeOf(module, [width])[1]));
            Parity.ShouldAgree(Parity.Randomised(module), width);
        },
        iter: 25, threads: 1);

    [Fact]
    public void Images_AnySequential_AgreesWithTorch() => Gen.Select(Gen.Long[1, 3], Gen.Long[5, 9], Layers).Sample(
        (channels, size, numbers) =>
        {
            using var scope = NewDisposeScope();
            var module = nn.Sequential(nn.Identity());
            var shape = new[] { channels, size, size + 1 };
            foreach (var number in numbers)
                module.append(LayerOf(number, ShapeOf(module, shape)));
            Parity.ShouldAgree(Parity.Randomised(module), shape);
        },
        iter: 25, threads: 1);

    private static long[] ShapeOf(nn.Module<Tensor, Tensor> module, long[] row) => module.call(ones([2, .. row])).shape;

    private static nn.Module<Tensor, Tensor> LayerOf(int number, long width) => (number % 5) switch
    {
        0 => nn.BatchNorm1d(width),
        1 => nn.LayerNorm(width),
        2 => Activations[number / 10 % Activations.Length](),
        _ => nn.Linear(width, (number / 10 % 9) + 1, hasBias: number % 2 == 0),
    };

    private static nn.Module<Tensor, Tensor> LayerOf(int number, long[] shape)
    {
        var (channels, smallest, choice) = (shape[1], Math.Min(shape[2], shape[3]), number / 10);
        return (number % 6) switch
        {
            0 => nn.BatchNorm2d(channels),
            1 => nn.GroupNorm(1, channels),
            2 => Activations[choice % Activations.Length](),
            3 when smallest >= 2 => nn.MaxPool2d(2, (choice % 2) + 1, choice / 2 % 2),
            4 when smallest >= 2 => nn.AvgPool2d(2, (choice % 2) + 1, choice / 2 % 2, count_include_pad: choice % 3 == 0),
            _ => nn.Conv2d(channels, (choice % 5) + 1, Math.Min(smallest, (choice / 5 % 3) + 1), (choice / 15 % 2) + 1, choice / 30 % 2, bias: choice % 7 > 0),
        };
    }
}
