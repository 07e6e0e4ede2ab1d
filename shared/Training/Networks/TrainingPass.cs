using System.Diagnostics.CodeAnalysis;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>
/// What a layer does besides while it is trained: a share of units is switched off and the others scaled up, and products may be
/// computed in bfloat16, from and to numbers of 32 bits (Micikevicius et al., 2018). Chance comes from a generator of its own:
/// libtorch's global one would mix the chances of trainings that run side by side.
/// </summary>
/// <param name="dropout">The share.</param>
/// <param name="generator">On the network's device.</param>
/// <param name="isLowPrecision">Whether products are computed in bfloat16.</param>
internal sealed class TrainingPass(double dropout, Generator generator, bool isLowPrecision)
{
    /// <summary>In which products are computed.</summary>
    public bool IsLowPrecision => isLowPrecision;

    /// <summary>Whether units are switched off.</summary>
    public bool SwitchesOff => dropout > 0;

    /// <summary>Switches units off.</summary>
    public Tensor SwitchOff(Tensor input)
    {
        if (!SwitchesOff)
            return input;
        using var mask = DrawInto(empty_like(input, requires_grad: false));
        return input.mul(mask);
    }

    /// <summary>Sets each number to 0 where a unit is switched off, else to what it is multiplied by.</summary>
    public Tensor DrawInto(Tensor mask)
    {
        // Held until the call has ended: a number that is handed over as it is was seen to be collected before.
        using Scalar keep = 1 - dropout;
        return mask.bernoulli_(1 - dropout, generator).div_(keep);
    }
}

/// <summary>What layers compute, in training or, where the pass is null, outside.</summary>
internal static class Passes
{
    public static Tensor Drop(this TrainingPass? pass, Tensor input) => pass?.SwitchOff(input) ?? input;

    public static Tensor Through(this TrainingPass? pass, Linear layer, Tensor input) => pass is { IsLowPrecision: true }
        ? nn.functional.linear(Low(input), Low(layer.weight!), Low(layer.bias)).to(ScalarType.Float32)
        : layer.forward(input);

    /// <summary>A convolution of 3×3 pixels whose images stay as large as they are.</summary>
    /// <param name="pass">Null outside training.</param>
    /// <param name="layer">[outputs, channels, 3, 3].</param>
    /// <param name="input">[N, channels, height, width].</param>
    public static Tensor Through(this TrainingPass? pass, Conv2d layer, Tensor input) => pass is { IsLowPrecision: true }
        ? Convolve(Low(input), Low(layer.weight!), Low(layer.bias)).to(ScalarType.Float32)
        : Convolve(input, layer.weight!, layer.bias);

    /// <summary>Each place's mean of values, weighted by how its query meets their keys.</summary>
    /// <param name="pass">Null outside training.</param>
    /// <param name="queries">[N, heads, L, width].</param>
    /// <param name="keys">The same.</param>
    /// <param name="values">The same.</param>
    /// <param name="hidden">[N, 1, 1, L], added to what is softened to weights.</param>
    public static Tensor Attend(this TrainingPass? pass, Tensor queries, Tensor keys, Tensor values, Tensor hidden) => pass is { IsLowPrecision: true }
        ? nn.functional.scaled_dot_product_attention(Low(queries), Low(keys), Low(values), Low(hidden)).to(ScalarType.Float32)
        : nn.functional.scaled_dot_product_attention(queries, keys, values, hidden);

    // On the CPU as a product with the pixels around each pixel: oneDNN 3.7, which libtorch 2.10 convolves by there, gives other
    // numbers or NaN where channels are more than a register holds and no multiple of it, such as 20 (it reads what nobody wrote).
    private static Tensor Convolve(Tensor input, Tensor kernels, Tensor? bias)
    {
        if (input.device_type != DeviceType.CPU)
            return nn.functional.conv2d(input, kernels, bias, padding: [1, 1]);
        var around = nn.functional.unfold(input, (3, 3), dilation: (1, 1), padding: (1, 1), stride: (1, 1));
        var sums = kernels.flatten(1).matmul(around);
        return (bias is null ? sums : sums.add(bias.unsqueeze(1))).view(input.shape[0], kernels.shape[0], input.shape[2], input.shape[3]);
    }

    [return: NotNullIfNotNull(nameof(values))]
    private static Tensor? Low(Tensor? values) => values?.to(ScalarType.BFloat16);
}
