namespace Mlops.Tabular;

/// <summary>How much memory rows may take, and where they lie beyond.</summary>
/// <param name="MostBytes">Of all rows together, with the copies that are made of them; above 0.</param>
/// <param name="ScratchFolder">Where files are made that vanish with this process.</param>
public sealed record RowMemory(long MostBytes, string ScratchFolder)
{
    /// <summary>The bound in words, for messages.</summary>
    public string Text => $"{MostBytes >> 20} MiB (Trainer:MemoryMiB)";
}
