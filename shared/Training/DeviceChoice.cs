using System.Runtime.InteropServices;
using Mlops.Contracts;
using TorchSharp;
using static TorchSharp.torch;
using DeviceSpec = Mlops.Contracts.Spec.Device;

namespace Mlops.Training;

/// <summary>Where a training runs.</summary>
internal static class DeviceChoice
{
    public static Device For(DeviceSpec wanted) => Choose(wanted, cuda.is_available() ? cuda.device_count() : 0) is { } index ? new Device(DeviceType.CUDA, index) : CPU;

    /// <summary>Which of a worker's CUDA devices; null for the processor.</summary>
    /// <exception cref="Fault">Unavailable: the worker does not have what is asked for.</exception>
    public static int? Choose(DeviceSpec wanted, int devices)
    {
        if (wanted == DeviceSpec.Cpu || (wanted == DeviceSpec.Auto && devices == 0))
            return null;
        var index = wanted.Index ?? 0;
        return index < devices ? index : throw new Fault(FaultKind.Unavailable, "training.device", $"{wanted} was asked for and this worker has {devices switch
        {
            0 => "no CUDA device; auto and cpu are",
            1 => "one CUDA device; auto, cpu, cuda and cuda:0 are",
            _ => $"{devices} CUDA devices; auto, cpu, cuda and cuda:0 to cuda:{devices - 1} are",
        }} accepted here");
    }

    /// <summary>Whether a device multiplies numbers of bfloat16: not every CUDA device does.</summary>
    public static bool HasBfloat16(Device device)
    {
        using var scope = NewDisposeScope();
        try
        {
            var one = ones([8, 8], ScalarType.BFloat16, device);
            return one.matmul(one).to(ScalarType.Float32).sum().cpu().item<float>() == 512;
        }
        catch (ExternalException)
        {
            return false;
        }
    }

    /// <summary>What computes on a device; another one may give other bits. The numbers rise when optimisers or gradients are computed otherwise.</summary>
    public static string Backend(Device device) => $"libtorch {__version__}, {(device.type == DeviceType.CUDA ? "cuda" : "cpu")}, 1 thread, optimizers 1, gradients 1";

    /// <summary><c>cpu</c>, or such as <c>cuda:0</c>.</summary>
    public static string NameOf(Device device) => device.type == DeviceType.CUDA ? $"cuda:{Math.Max(0, device.index)}" : "cpu";
}
