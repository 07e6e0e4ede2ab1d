using System.Diagnostics;
using System.Globalization;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Testing;
using Shouldly;
using Xunit;
using Device = Mlops.Contracts.Spec.Device;

namespace Mlops.UnitTests.Training;

/// <summary>Rows in a file take little memory, and the same rows in memory take more than all of their bytes; each in a process of its own.</summary>
[Collection(TrainingCollection.Name)]
public sealed class StreamedMemoryTests
{
    private const string Variable = "MLOPS_MEASURED_TRAINING";
    private const int Rows = 500_000, Width = 100;
    private const long DataBytes = (long)Rows * Width * sizeof(float);

    private static readonly GeneratedRows Generated = new(Rows, Width);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Train_BeyondTheBound_PeaksFarBelowTheDataSet()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the peak is read from /proc");

        // As a table and encoded: the first alone is twice the bytes of the second.
        (await PeakOfAsync("memory")).ShouldBeGreaterThan(2 * DataBytes);
        (await PeakOfAsync("file")).ShouldBeLessThan(DataBytes);
    }

    // What the processes above do.
    [Fact(Explicit = true)]
    public async Task Child()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('=', 2) is not [var where, var answer])
            return;
        // As many steps, so that what a training takes besides its rows is there before.
        using (Given.Train(SpecOf(epochs: 1_000), Generated.Table(0, 1_000)))
        {
        }
        var before = ProcessMemory.Resident;
        ProcessMemory.ForgetPeak();
        if (where == "file")
        {
            using var stored = await StoredTable.WriteAsync(Generated.BlocksAsync(), Path.GetTempPath(), Stop);
            using var _ = Given.Train(SpecOf(), stored.Select([.. Enumerable.Range(0, Rows)]), memory: new RowMemory(32 << 20, Path.GetTempPath()));
        }
        else
        {
            using var _ = Given.Train(SpecOf(), Generated.Table(0, Rows));
        }
        await File.WriteAllTextAsync(answer, $"{ProcessMemory.Peak - before}", Stop);
    }

    private static async Task<long> PeakOfAsync(string where)
    {
        var answer = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
                start.ArgumentList.Add(typeof(StreamedMemoryTests).Assembly.Location);
            foreach (var argument in (string[])["-explicit", "only", "-method", $"{typeof(StreamedMemoryTests).FullName}.{nameof(Child)}"])
                start.ArgumentList.Add(argument);
            start.Environment[Variable] = $"{where}={answer}";
            using var child = Process.Start(start)!;
            var output = await child.StandardOutput.ReadToEndAsync(Stop);
            await child.WaitForExitAsync(Stop);
            child.ExitCode.ShouldBe(0, output);
            var peak = long.Parse(await File.ReadAllTextAsync(answer, Stop), CultureInfo.InvariantCulture);
            TestContext.Current.SendDiagnosticMessage($"rows in {where}: {peak >> 20} MiB for {DataBytes >> 20} MiB");
            return peak;
        }
        finally
        {
            File.Delete(answer);
        }
    }

    private static PipelineSpec SpecOf(int epochs = 2) => Given.Regression("y") with
    {
        Model = new LinearSpec(),
        Training = new TrainingSpec { Epochs = epochs, BatchSize = 1_024, EarlyStopping = null, Device = Device.Cpu },
    };
}
