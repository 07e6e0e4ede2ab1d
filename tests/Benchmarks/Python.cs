using System.Diagnostics;
using System.Text.Json;

namespace Mlops.Benchmarks;

/// <summary>A script of Debian's Python in a process of its own, with one thread: it answers lines of JSON with such lines.</summary>
/// <param name="script">Beside the program.</param>
/// <param name="packages">Of Debian, that it wants.</param>
internal sealed class Python(string script, string packages) : IDisposable
{
    // Debian's own Python: another one on the path would not have Debian's packages.
    private const string Program = "/usr/bin/python3";
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    private readonly Process _process = Process.Start(new ProcessStartInfo(Program, [Path.Combine(AppContext.BaseDirectory, script)])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        Environment = { ["OMP_NUM_THREADS"] = "1", ["OPENBLAS_NUM_THREADS"] = "1" },
    })!;

    public T Ask<T>(object task)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(task, Options));
        var answer = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{script} did not answer; what it said stands above (Debian: apt-get install {packages})");
        return JsonSerializer.Deserialize<T>(answer, Options)!;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(10_000);
        _process.Dispose();
    }
}
