using Mlops.Contracts;
using static TorchSharp.torch;
using DeviceSpec = Mlops.Contracts.Spec.Device;

namespace Mlops.Training;

/// <summary>Where a training runs.</summary>
internal static class DeviceChoice
{
    public static Device For(DeviceSpec wanted) => (wanted, cuda.is_available()) switch
    {
        (DeviceSpec.Cpu, _) or (DeviceSpec.Auto, false) => CPU,
        (_, true) => CUDA,
        _ => throw new Fault(FaultKind.Unavailable, "training.device", "cuda was asked for and this worker has none; auto and cpu are accepted here"),
    };

    /// <summary>What computes on a device; another one may give other bits. The optimisers' number rises when one of them computes otherwise.</summary>
    public static string Backend(Device device) => $"libtorch {__version__}, {NameOf(device)}, 1 thread, optimizers 1";

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public static string NameOf(Device device) => device.type.ToString().ToLowerInvariant();
}
