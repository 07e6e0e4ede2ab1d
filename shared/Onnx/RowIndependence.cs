using Mlops.Onnx.Format;
using Mlops.Onnx.Rows;

namespace Mlops.Onnx;

/// <summary>
/// Whether each row of a graph's outputs depends on the same row of its inputs alone, so that rows of several requests may run
/// as one batch. A static analysis: it follows each value through the graph by a rule for each operator, and what it cannot
/// prove it denies.
/// </summary>
/// <remarks>
/// Proved is: where all inputs have the same number of rows and each has the same length along its other axes in every request,
/// row i of the batch's outputs is what the row gets alone, up to the order in which a kernel sums. Not proved is that a run
/// succeeds: a value that an operator cannot take (a place outside a table, a text that is no number) fails the batch, so
/// whoever batches runs the requests of a failed batch again, each alone.
/// <para>Sources: the ONNX operator specification (<see href="https://onnx.ai/onnx/operators/"/>), for <c>com.microsoft</c>
/// ONNX Runtime's contributed operators; the tests run every rule against ONNX Runtime.</para>
/// </remarks>
public static class RowIndependence
{
    /// <summary>Why rows of different requests may not share a run of the model, or null: it is proved that they may.</summary>
    /// <param name="model">A model that ONNX Runtime loads: what it would refuse is not looked for here.</param>
    /// <returns>The input, output or node with its operator, and the cause.</returns>
    public static string? WhyNot(ModelProto model)
    {
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var tensor in model.Graph.Initializer)
            values[tensor.Name] = Constants.Of(tensor);
        var symbols = model.Graph.Input.Select(RowsSymbol).Where(symbol => symbol.Length > 0).ToHashSet(StringComparer.Ordinal);
        foreach (var input in model.Graph.Input)
        {
            if (WhyNoRows(input, hasDefault: values.ContainsKey(input.Name), symbols) is { } why)
                return $"input '{input.Name}' {why}";
            values[input.Name] = Value.Rows([null, .. Dimensions(input)!.Skip(1).Select(Length)]);
        }
        new Walk(model, values).Run();
        return model.Graph.Output.Select(output => WhyNoRows(output.Name, values)).FirstOrDefault(why => why is not null);
    }

    private static string? WhyNoRows(ValueInfoProto input, bool hasDefault, HashSet<string> symbols) => Dimensions(input) switch
    {
        _ when hasDefault => "has a default value: a request may replace it or not",
        null => "has no known number of dimensions",
        [] => "is a single value: no axis of it can be the batch",
        [var first, ..] when Length(first) is { } rows => $"takes {rows} row{(rows == 1 ? "" : "s")} at a time",
        [_, .. var others] when others.FirstOrDefault(other => symbols.Contains(other.DimParam)) is { } other => $"is as long along another axis ('{other.DimParam}') as there are rows",
        _ => null,
    };

    private static string? WhyNoRows(string output, Dictionary<string, Value> values) => values.GetValueOrDefault(output) switch
    {
        null => $"output '{output}': nothing produces it",
        { Why: { } why } => why,
        { IsRows: true } => null,
        _ => $"output '{output}' is a constant: it has no row for each row of a request",
    };

    private static List<TensorShapeProto.Types.Dimension>? Dimensions(ValueInfoProto input) => input.Type?.TensorType?.Shape is { } shape ? [.. shape.Dim] : null;

    private static string RowsSymbol(ValueInfoProto input) => Dimensions(input) is [var first, ..] ? first.DimParam : "";

    // As GraphSignature has it, a length below 0 varies.
    private static long? Length(TensorShapeProto.Types.Dimension dimension) => dimension.HasDimValue && dimension.DimValue >= 0 ? dimension.DimValue : null;
}
