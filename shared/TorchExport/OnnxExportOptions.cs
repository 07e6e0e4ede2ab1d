namespace Mlops.TorchExport;

/// <summary>How a module is exported.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>What exports which layer.</summary>
    public LayerExporters Exporters { get; init; } = LayerExporters.Standard;

    /// <summary>Name of the graph's input.</summary>
    public string InputName { get; init; } = "input";

    /// <summary>Name of the graph's output.</summary>
    public string OutputName { get; init; } = "output";

    /// <summary>
    /// Bytes that the samples may take, inputs and outputs, before they become text in the model's metadata (a third more);
    /// rows beyond are left out. At least one row must fit.
    /// </summary>
    public long MaxSampleBytes { get; init; } = 1 << 20;
}
