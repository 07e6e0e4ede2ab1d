using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Optimization;

/// <summary>
/// All weights of a network in one row of memory, and all their gradients in another, so that one pass steps them all. The
/// network's parameters are windows on it; between them stand zeros, so that each begins where vectors do.
/// </summary>
internal sealed class FlatWeights : IDisposable
{
    /// <summary>Floats in 64 bytes: a cache line, and the widest vector.</summary>
    public const int Alignment = 16;

    public FlatWeights(IReadOnlyList<(string Name, Parameter Values)> parameters)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ranges = new List<WeightRange>();
        var length = 0L;
        foreach (var (name, values) in parameters)
        {
            ranges.Add(new WeightRange(name, values, length));
            length += Aligned(values.numel());
        }
        Ranges = ranges;
        Values = zeros(length, device: parameters[0].Values.device).DetachFromDisposeScope();
        Gradients = zeros_like(Values).DetachFromDisposeScope();
        foreach (var range in ranges)
        {
            var window = range.Of(Values);
            window.copy_(range.Parameter);
            range.Parameter.set_(window);
            range.Parameter.grad = range.Of(Gradients);
        }
    }

    /// <summary>Every weight.</summary>
    public Tensor Values { get; }

    /// <summary>Every gradient; what is computed is added to what is there.</summary>
    public Tensor Gradients { get; }

    /// <summary>Where each parameter lies.</summary>
    public IReadOnlyList<WeightRange> Ranges { get; }

    public bool IsOnCpu => Values.device_type == DeviceType.CPU;

    /// <summary>1 where a weight is penalised, else 0. The caller disposes it.</summary>
    public Tensor PenaltyMask()
    {
        using var scope = NewDisposeScope();
        var mask = zeros_like(Values);
        foreach (var range in Ranges.Where(range => range.IsPenalised))
            mask.narrow(0, range.Start, range.Length).fill_(1);
        return mask.MoveToOuterDisposeScope();
    }

    /// <summary>Where the next begins after so many floats.</summary>
    public static long Aligned(long count) => (count + Alignment - 1) / Alignment * Alignment;

    /// <summary>The memory of a contiguous CPU tensor of 32-bit floats.</summary>
    public static Span<float> FloatsOf(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>A CPU tensor of 32-bit floats as lanes; its length is a multiple of them.</summary>
    public static Span<Lanes> LanesOf(Tensor tensor) => MemoryMarshal.Cast<byte, Lanes>(tensor.bytes);

    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
    }
}

/// <summary>Where a parameter lies among all weights.</summary>
/// <param name="Name">Its layer, and what it is there.</param>
/// <param name="Parameter">The network's.</param>
/// <param name="Start">Its first element.</param>
internal sealed record WeightRange(string Name, Parameter Parameter, long Start)
{
    public long Length { get; } = Parameter.numel();

    /// <summary>Whether penalties and the largest norm bear on it: it has more than one dimension, so it is no bias.</summary>
    public bool IsPenalised { get; } = Parameter.dim() > 1;

    /// <summary>Its window on a row of memory as long as all weights.</summary>
    public Tensor Of(Tensor flat) => flat.narrow(0, Start, Length).view(Parameter.shape);
}
