using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Export;

/// <summary>The graph's side of <see cref="Preprocessing.Encode"/>: the same numbers from raw inputs.</summary>
internal static class FeatureExport
{
    /// <summary>One input for all features where all are numbers, else one for each, in header order.</summary>
    public static IReadOnlyList<TensorSignature> InputsOf(Preprocessing preprocessing) => preprocessing.Categorical.Count == 0
        ? [new TensorSignature { Name = ModelSignature.FeaturesInput, Datatype = "FP32", Shape = [-1, preprocessing.Numeric.Count], Columns = preprocessing.Columns }]
        : [.. preprocessing.Columns.Select(name => new TensorSignature
        {
            Name = name,
            Datatype = preprocessing.Categorical.Any(feature => feature.Name == name) ? "BYTES" : "FP32",
            Shape = [-1, 1],
            Columns = [name],
        })];

    /// <summary>Adds inputs and preprocessing.</summary>
    /// <returns>The name of the encoded rows [N, width].</returns>
    public static string Add(GraphBuilder graph, Preprocessing preprocessing)
    {
        foreach (var input in InputsOf(preprocessing))
            graph.Input(input.Name, input.Datatype == "BYTES" ? DataType.String : DataType.Float, [.. input.Shape]);
        if (preprocessing.Categorical.Count == 0)
            return AddNumeric(graph, preprocessing, ModelSignature.FeaturesInput);

        var parts = new List<string>();
        if (preprocessing.Numeric.Count > 0)
            parts.Add(AddNumeric(graph, preprocessing, Concat(graph, [.. preprocessing.Numeric.Select(feature => feature.Name)])));
        parts.AddRange(preprocessing.Categorical.Select(feature => AddCategorical(graph, feature)));
        return Concat(graph, parts);
    }

    private static string AddNumeric(GraphBuilder graph, Preprocessing preprocessing, string input)
    {
        var width = preprocessing.Numeric.Count;
        var means = graph.Floats("features/mean", preprocessing.Numeric.Select(feature => (float)feature.Mean).ToArray(), width);
        var values = graph.Node("Where", [graph.Node("IsNaN", [input]), means, input]);
        if (preprocessing.Scaling == Scaling.None)
            return values;
        var deviations = graph.Floats("features/deviation", preprocessing.Numeric.Select(feature => (float)feature.Deviation).ToArray(), width);
        return graph.Node("Div", [graph.Node("Sub", [values, means]), deviations]);
    }

    // Text → its number (−1 where unknown) → compared with 0, 1, 2 …: the indicators, without a third dimension to squeeze.
    private static string AddCategorical(GraphBuilder graph, CategoricalFeature feature)
    {
        var numbers = Enumerable.Range(0, feature.Width).Select(number => (long)number).ToArray();
        var number = graph.NodeIn(GraphBuilder.MlDomain, "LabelEncoder", [feature.Name],
            GraphBuilder.Attribute("keys_strings", feature.Keys),
            GraphBuilder.Attribute("values_int64s", numbers),
            GraphBuilder.Attribute("default_int64", -1L));
        var indicators = graph.Node("Equal", [number, graph.Integers("features/indicator", numbers)]);
        return graph.Node("Cast", [indicators], GraphBuilder.Attribute("to", (long)DataType.Float));
    }

    private static string Concat(GraphBuilder graph, List<string> parts) =>
        parts.Count == 1 ? parts[0] : graph.Node("Concat", parts, GraphBuilder.Attribute("axis", 1L));
}
