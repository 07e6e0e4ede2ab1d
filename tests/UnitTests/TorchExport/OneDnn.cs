using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Mlops.Training;

namespace Mlops.UnitTests.TorchExport;

/// <summary>
/// Keeps oneDNN 3.7, which libtorch computes an LSTM by, off registers of 512 bits: on a Zen 5 processor its numbers were off by
/// a fifth with them, and the certificate rightly refused. Tests are of the export, not of libtorch.
/// </summary>
internal static class OneDnn
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "oneDNN reads it once, when it first computes.")]
    internal static void AvoidWideRegisters() => SteadyArithmetic.Set("ONEDNN_MAX_CPU_ISA", "AVX2");
}
