using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Onnx;

namespace Mlops.Governance.ModelCheck;

/// <summary>
/// Checks a model that was made elsewhere before anybody relies on it: a process of its own reads, loads and runs it, within
/// bounds of time and memory.
/// </summary>
internal sealed class ModelSandbox(IOptions<GovernanceOptions> options, TimeProvider time)
{
    private readonly ModelCheckOptions _bounds = options.Value.ModelCheck;

    /// <summary>It has nothing to be disposed of.</summary>
    private SemaphoreSlim Turns { get; } = new(options.Value.ModelCheck.Concurrency);

    /// <returns>What its graph takes and gives.</returns>
    /// <exception cref="Fault">Invalid: it is not accepted; every problem that was found is in it.</exception>
    public async Task<GraphSignature> CheckAsync(ReadOnlyMemory<byte> file, CancellationToken cancellationToken)
    {
        await Turns.WaitAsync(cancellationToken);
        try
        {
            var answer = await TryAsync(file, cancellationToken);
            return answer.Signature ?? throw new Fault(FaultKind.Invalid, answer.Problems);
        }
        finally
        {
            Turns.Release();
        }
    }

    private async Task<CheckAnswer> TryAsync(ReadOnlyMemory<byte> file, CancellationToken cancellationToken)
    {
        using var child = Process.Start(Command()) ?? throw new InvalidOperationException("The process that checks a model was not started.");
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(_bounds.TimeoutSeconds), time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var output = child.StandardOutput.ReadToEndAsync(end.Token);
            var errors = child.StandardError.ReadToEndAsync(end.Token);
            await SendAsync(child, file, end.Token);
            await child.WaitForExitAsync(end.Token);
            await errors;
            return child.ExitCode == 0 ? JsonSerializer.Deserialize<CheckAnswer>(await output)! : throw Fault.Invalid("model", Died());
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw Fault.Invalid("model", $"it was not loaded and run once within {_bounds.TimeoutSeconds} seconds (Governance:ModelCheck:TimeoutSeconds)");
        }
        finally
        {
            if (!child.HasExited)
                child.Kill(entireProcessTree: true);
        }
    }

    private string Died() =>
        $"the check did not survive it: it needs more than {_bounds.MemoryMiB} MiB (Governance:ModelCheck:MemoryMiB) to be read, loaded and run once, or is damaged";

    private static async Task SendAsync(Process child, ReadOnlyMemory<byte> file, CancellationToken cancellationToken)
    {
        try
        {
            await child.StandardInput.BaseStream.WriteAsync(file, cancellationToken);
            child.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has died already; how it ended is told by its exit code.
        }
    }

    /// <summary>This very assembly, whichever process hosts it.</summary>
    private ProcessStartInfo Command()
    {
        var assembly = typeof(ModelSandbox).Assembly.Location;
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[]
        {
            "exec", assembly, CheckModel.Command, _bounds.MemoryMiB.ToString(CultureInfo.InvariantCulture), _bounds.TimeoutSeconds.ToString(CultureInfo.InvariantCulture),
        })
            start.ArgumentList.Add(argument);
        // Nothing of ours is the model's business: no password, no address.
        foreach (var name in start.Environment.Keys.Where(name => name is not ("PATH" or "HOME" or "DOTNET_ROOT" or "LD_LIBRARY_PATH" or "TMPDIR")).ToList())
            start.Environment.Remove(name);
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";
        // With it, what is compiled lies in a file in memory, and no file may grow.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        // It would keep a file of what it is used for.
        start.Environment["ORT_DISABLE_TELEMETRY"] = "1";
        return start;
    }
}
