using Mlops.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.TorchExport.Layers;

/// <summary>
/// Recurrent layers, from a first state of zeros; the value is the sequence of hidden states, as <c>forward</c>'s first result is.
/// PyTorch's gates stand in another order than ONNX's.
/// </summary>
internal static class Recurrent
{
    /// <summary>Input, output, forget, cell, where PyTorch has input, forget, cell, output.</summary>
    private static readonly int[] LstmGates = [0, 3, 1, 2];

    /// <summary>Update, reset, new, where PyTorch has reset, update, new.</summary>
    private static readonly int[] GruGates = [1, 0, 2];

    public static string Export(LSTM layer, ExportGraph graph, string input) =>
        Export(layer, graph, input, "LSTM", LstmGates, probe => layer.forward(probe, null).Item2);

    public static string Export(GRU layer, ExportGraph graph, string input) =>
        Export(layer, graph, input, "GRU", GruGates, probe => layer.forward(probe, null).Item2);

    private static string Export(nn.Module layer, ExportGraph graph, string input, string opType, int[] gates, Func<Tensor, Tensor> lastState)
    {
        using var scope = NewDisposeScope();
        var weights = layer.named_parameters().ToDictionary(parameter => parameter.name, parameter => (Tensor)parameter.parameter);
        var batchFirst = IsBatchFirst(weights["weight_ih_l0"], lastState);
        var values = batchFirst ? Swap(graph, input) : input;
        for (var level = 0; weights.ContainsKey($"weight_ih_l{level}"); level++)
            values = Level(graph, values, opType, gates, weights, $"l{level}");
        return batchFirst ? Swap(graph, values) : values;
    }

    private static string Level(ExportGraph graph, string input, string opType, int[] gates, Dictionary<string, Tensor> weights, string level)
    {
        string[] directions = weights.ContainsKey($"weight_ih_{level}_reverse") ? [level, $"{level}_reverse"] : [level];
        var hidden = weights[$"weight_hh_{level}"].shape[1];
        Tensor Of(string name) => stack(directions.Select(direction => Reorder(weights[$"{name}_{direction}"], gates)));

        List<string> inputs = [input, graph.Weight($"{level}/W", Of("weight_ih")), graph.Weight($"{level}/R", Of("weight_hh"))];
        if (weights.ContainsKey($"bias_ih_{level}"))
            inputs.Add(graph.Weight($"{level}/B", cat([Of("bias_ih"), Of("bias_hh")], 1)));
        var states = graph.Node(opType, inputs,
        [
            GraphBuilder.Attribute("hidden_size", hidden),
            GraphBuilder.Attribute("direction", directions.Length == 2 ? "bidirectional" : "forward"),
            // PyTorch's GRU multiplies by the reset gate after the product with the recurrent weights.
            .. opType == "GRU" ? new[] { GraphBuilder.Attribute("linear_before_reset", 1) } : [],
        ]);
        // [steps, directions, batch, hidden] → [steps, batch, directions · hidden]
        var turned = graph.Node("Transpose", [states], GraphBuilder.Attribute("perm", [0L, 2, 1, 3]));
        return graph.Node("Reshape", [turned, graph.Integers($"{level}/shape", 0, 0, directions.Length * hidden)]);
    }

    private static Tensor Reorder(Tensor values, int[] gates)
    {
        var parts = values.chunk(gates.Length, 0);
        return cat([.. gates.Select(gate => parts[gate])], 0);
    }

    private static string Swap(ExportGraph graph, string input) => graph.Node("Transpose", [input], GraphBuilder.Attribute("perm", [1L, 0, 2]));

    // TorchSharp keeps it to itself; the shape of the last state, [layers · directions, batch, hidden], tells.
    private static bool IsBatchFirst(Tensor weight, Func<Tensor, Tensor> lastState) =>
        lastState(zeros([1, 2, weight.shape[1]], weight.dtype, weight.device)).shape[1] == 1;
}
