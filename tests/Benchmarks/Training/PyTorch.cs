using System.Diagnostics;
using System.Text.Json;

namespace Mlops.Benchmarks.Training;

/// <summary>Debian's PyTorch in a process of its own, with one thread.</summary>
internal sealed class PyTorch : IDisposable
{
    // Debian's own Python: another one on the path would not have Debian's packages.
    private const string Python = "/usr/bin/python3";
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    private readonly Process _process = Process.Start(new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, "Training", "pytorch.py")])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        Environment = { ["OMP_NUM_THREADS"] = "1", ["OPENBLAS_NUM_THREADS"] = "1" },
    })!;

    public PyTorchRun Run(object task)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(task, Options));
        var answer = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("PyTorch did not answer; what it said stands above (Debian: apt-get install python3-torch libopenblas0)");
        return JsonSerializer.Deserialize<PyTorchRun>(answer, Options)!;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(10_000);
        _process.Dispose();
    }
}

/// <summary>What PyTorch answered.</summary>
/// <param name="Seconds">Of the epochs alone.</param>
/// <param name="Losses">Of each epoch.</param>
/// <param name="Torch">Its version.</param>
internal sealed record PyTorchRun(double Seconds, IReadOnlyList<double> Losses, string Torch);
