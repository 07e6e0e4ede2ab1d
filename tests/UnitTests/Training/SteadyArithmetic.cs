using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Mlops.Training;

namespace Mlops.UnitTests.Training;

/// <summary>Tests that compute with TorchSharp alone may come first; the arithmetic of those after them would then not be steady.</summary>
internal static class SteadyArithmetic
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "It must come before any test.")]
    internal static void Require() => RuntimeHelpers.RunModuleConstructor(typeof(ModelTrainer).Module.ModuleHandle);
}
