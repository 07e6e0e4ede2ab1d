using Mlops.Onnx;
using Mlops.Training.Features;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Export;

/// <summary>The graph's side of <see cref="NumericBlock.Encode"/>.</summary>
internal static class NumericExport
{
    /// <summary>Adds the block.</summary>
    /// <param name="graph">Takes the nodes.</param>
    /// <param name="block">What is done to the numbers.</param>
    /// <param name="input">FP32 [N, features]; NaN where missing.</param>
    /// <returns>FP32 [N, width].</returns>
    public static string Add(GraphBuilder graph, NumericBlock block, string input)
    {
        var isMissing = graph.Node("IsNaN", [input]);
        var fill = graph.Floats("features/fill", [.. block.Features.Select(feature => feature.Fill)], block.Features.Count);
        var values = graph.Node("Where", [isMissing, fill, input]);
        var parts = block.Groups.Select(group => Transform(graph, [.. group.Select(place => block.Features[place])], Select(graph, values, group, block))).ToList();
        if (block.Indicators.Count > 0)
            parts.Add(graph.Cast(Select(graph, isMissing, block.Indicators, block), DataType.Float));
        return graph.Concat(parts);
    }

    private static string Select(GraphBuilder graph, string values, IReadOnlyList<int> places, NumericBlock block) => places.Count == block.Features.Count
        ? values
        : graph.Node("Gather", [values, graph.Integers("features/places", [.. places.Select(place => (long)place)])], GraphBuilder.Attribute("axis", 1L));

    private static string Transform(GraphBuilder graph, IReadOnlyList<NumericFeature> features, string values)
    {
        if (features.All(feature => feature.IsAsItIs))
            return values;
        if (features[0].IsLog)
        {
            var size = graph.Node("Add", [graph.Node("Abs", [values]), graph.Floats("features/one", [1], 1)]);
            values = graph.Node("Mul", [graph.Node("Sign", [values]), graph.Node("Log", [size])]);
        }
        if (features[0].Quantiles is not null)
            return Rank(graph, [.. features.Select(feature => feature.Quantiles!)], values);
        var centers = graph.Floats("features/center", [.. features.Select(feature => feature.Center)], features.Count);
        var scales = graph.Floats("features/scale", [.. features.Select(feature => feature.Scale)], features.Count);
        return graph.Node("Div", [graph.Node("Sub", [values, centers]), scales]);
    }

    // The place is counted, and what belongs to it looked up in the features' tables, which lie one after another.
    private static string Rank(GraphBuilder graph, IReadOnlyList<Quantiles> features, string values)
    {
        var (count, most) = (features.Count, features.Max(feature => feature.Knots.Count));
        var table = (2 * most) - 1;
        values = graph.Node("Min", [
            graph.Node("Max", [values, graph.Floats("features/first", [.. features.Select(feature => feature.Knots[0])], count)]),
            graph.Floats("features/last", [.. features.Select(feature => feature.Knots[^1])], count)]);
        var knots = graph.Floats("features/knots", [.. features.SelectMany(feature => Padded(feature.Knots, most, float.PositiveInfinity))], count, most);
        var each = graph.Node("Unsqueeze", [values, graph.Integers("features/axis", 2)]);
        var passed = graph.Node("Add", [Count(graph, graph.Node("GreaterOrEqual", [each, knots])), Count(graph, graph.Node("Greater", [each, knots]))]);
        // −1, as the first knot alone is passed at place 0.
        var starts = graph.Integers("features/starts", [.. Enumerable.Range(0, count).Select(feature => ((long)feature * table) - 1)]);
        var places = graph.Node("Add", [passed, starts]);
        var distance = graph.Node("Sub", [values, Look(feature => feature.Knots.SelectMany(knot => new[] { knot, knot }))]);
        return graph.Node("Add", [Look(feature => feature.Ranks), graph.Node("Mul", [distance, Look(feature => feature.Slopes)])]);

        string Look(Func<Quantiles, IEnumerable<float>> column) =>
            graph.Node("Gather", [graph.Floats("features/ranks", [.. features.SelectMany(feature => Padded([.. column(feature).Take(table)], table, 0))], (long)count * table), places]);
    }

    private static string Count(GraphBuilder graph, string flags) => graph.Node("ReduceSum",
        [graph.Cast(flags, DataType.Int64), graph.Integers("features/axis", 2)], GraphBuilder.Attribute("keepdims", 0L));

    private static IEnumerable<float> Padded(IReadOnlyList<float> values, int count, float with) => values.Concat(Enumerable.Repeat(with, count - values.Count));
}
