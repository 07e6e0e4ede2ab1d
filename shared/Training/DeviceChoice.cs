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

    /// <summary>What computes on a device; another one may give other bits. The optimisers' number rises when one of them computes otherwise.</summary>
    public static string Backend(Device device) => $"libtorch {__version__}, {(device.type == DeviceType.CUDA ? "cuda" : "cpu")}, 1 thread, optimizers 1";

    /// <summary><c>cpu</c>, or such as <c>cuda:0</c>.</summary>
    public static string NameOf(Device device) => device.type == DeviceType.CUDA ? $"cuda:{Math.Max(0, device.index)}" : "cpu";
}
