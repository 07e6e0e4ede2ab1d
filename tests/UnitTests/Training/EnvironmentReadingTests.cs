using Mlops.Training;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

[Collection(TrainingCollection.Name)]
public sealed class EnvironmentReadingTests
{
    [Fact]
    public void Read_SaysWhatThisMachineIs()
    {
        var environment = EnvironmentReading.Read();

        environment.Processors.ShouldBe(Environment.ProcessorCount);
        environment.PeakMemoryBytes.ShouldBeGreaterThan(1 << 20);
        environment.Packages.Keys.ShouldBe(["LightGBM", "TorchSharp", "libtorch"]);
        environment.Packages["libtorch"].ShouldStartWith("2.");
        if (OperatingSystem.IsLinux())
            environment.Kernels["MKL_CBWR"].ShouldNotBeEmpty();
        if (environment.Architecture == "x64")
            environment.CpuFeatures.ShouldContain("sse4.2");
    }

    [Fact]
    public void ProcessorName_IsThatOfLinuxsDescription() =>
        EnvironmentReading.ProcessorName(["processor\t: 0", "model\t\t: 17", "model name\t: AMD EPYC 9B14: 2.6 GHz", "model name\t: another"]).ShouldBe("AMD EPYC 9B14: 2.6 GHz");

    [Theory]
    [InlineData("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024", "550.54.15")]
    [InlineData("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.124.06  Release Build  (root@host)  Mon 2025", "570.124.06")]
    [InlineData("GCC version:  gcc version 12.2.0", null)]
    public void DriverVersion_IsThatOfTheDriversDescription(string line, string? version) => EnvironmentReading.DriverVersion([line]).ShouldBe(version);
}
