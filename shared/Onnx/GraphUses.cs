using Mlops.Onnx.Format;

namespace Mlops.Onnx;

/// <summary>Who reads what in a graph.</summary>
internal static class GraphUses
{
    /// <summary>The values that a node reads, those that graphs inside it take from outside among them.</summary>
    public static IEnumerable<string> ReadBy(NodeProto node) =>
        node.Input.Concat(node.Attribute
            .SelectMany(GraphChecker.Subgraphs)
            .SelectMany(graph => graph.Node.SelectMany(ReadBy).Concat(graph.Output.Select(output => output.Name))));

    /// <summary>Every name of a value or node, in graphs inside nodes too.</summary>
    public static IEnumerable<string> AllNames(GraphProto graph) =>
    [
        .. graph.Input.Select(input => input.Name),
        .. graph.Output.Select(output => output.Name),
        .. graph.Initializer.Select(tensor => tensor.Name),
        .. graph.Node.SelectMany(node => node.Output.Append(node.Name)),
        .. graph.Node.SelectMany(node => node.Attribute).SelectMany(GraphChecker.Subgraphs).SelectMany(AllNames),
    ];

    /// <summary>Removes nodes none of whose outputs is read, and constants and type notes of values that nobody reads.</summary>
    public static void RemoveUnused(GraphProto graph)
    {
        var read = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = graph.Node.Count - 1; i >= 0; i--)
        {
            if (graph.Node[i].Output.Any(read.Contains))
                read.UnionWith(ReadBy(graph.Node[i]));
            else
                graph.Node.RemoveAt(i);
        }
        read.UnionWith(graph.Input.Select(input => input.Name)); // keeps the default values of inputs
        Retain(graph.Initializer, tensor => read.Contains(tensor.Name));
        var defined = graph.Node.SelectMany(node => node.Output).ToHashSet(StringComparer.Ordinal);
        Retain(graph.ValueInfo, value => defined.Contains(value.Name));
    }

    private static void Retain<T>(Google.Protobuf.Collections.RepeatedField<T> field, Func<T, bool> keep)
    {
        T[] kept = [.. field.Where(keep)];
        if (kept.Length == field.Count)
            return;
        field.Clear();
        field.AddRange(kept);
    }
}
