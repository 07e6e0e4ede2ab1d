using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Datasets;

/// <summary>Reads a pipeline spec that is sent to us.</summary>
internal static class SpecBody
{
    /// <summary>Length of a spec in bytes, at most.</summary>
    public const int MaxBytes = 1 << 20;

    /// <exception cref="Fault">It is too large, or not accepted; every problem is in it.</exception>
    public static async Task<PipelineSpec> ReadAsync(Stream body, string defaultName, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 << 10];
        int read;
        while ((read = await body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > MaxBytes)
                throw new Fault(FaultKind.TooLarge, "spec", $"more than {MaxBytes} bytes; at most {MaxBytes} are accepted");
            buffer.Write(chunk, 0, read);
        }
        return PipelineSpec.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), defaultName);
    }
}
