namespace Mlops.TorchExport;

/// <summary>A module that knows its own ONNX export. Modules of others get one by <see cref="LayerExporters.With{TModule}"/>.</summary>
public interface IOnnxExportable
{
    /// <summary>Adds what <c>forward</c> computes outside training.</summary>
    /// <param name="graph">Where to; it exports the module's own layers too (<see cref="ExportGraph.Layer"/>).</param>
    /// <param name="input">Name of the value that the module is given.</param>
    /// <returns>Name of the value that it answers with.</returns>
    string Export(ExportGraph graph, string input);
}
