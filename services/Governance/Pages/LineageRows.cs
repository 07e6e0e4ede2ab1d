using Mlops.Registry.Lineage;

namespace Mlops.Governance.Pages;

/// <summary>A fact in a lineage laid out as an indented list.</summary>
/// <param name="Depth">Steps from the subject.</param>
/// <param name="Relation">How it hangs together with the fact that it is indented under; null for a subject.</param>
/// <param name="Node">The fact.</param>
/// <param name="IsRepeated">Whether it stood higher up already, with all that comes after it.</param>
public sealed record LineageRow(int Depth, string? Relation, LineageNode Node, bool IsRepeated)
{
    /// <summary>The graph from its subjects on, depth first; what is reached twice is told once.</summary>
    internal static IReadOnlyList<LineageRow> Of(LineageAnswer lineage)
    {
        var nodes = lineage.Nodes.ToDictionary(node => node.Id);
        var steps = lineage.Direction == LineageDirection.Up
            ? lineage.Edges.ToLookup(edge => edge.ChildId, edge => (edge.Relation, Far: edge.ParentId))
            : lineage.Edges.ToLookup(edge => edge.ParentId, edge => (edge.Relation, Far: edge.ChildId));
        var rows = new List<LineageRow>();
        var told = new HashSet<Guid>();
        foreach (var subject in lineage.Subjects)
            Add(0, null, subject.Id);
        return rows;

        void Add(int depth, string? relation, Guid id)
        {
            if (!nodes.TryGetValue(id, out var node))
                return;
            var isNew = told.Add(id);
            rows.Add(new LineageRow(depth, relation, node, !isNew));
            if (!isNew)
                return;
            foreach (var (next, far) in steps[id].Where(step => nodes.ContainsKey(step.Far)).OrderBy(step => nodes[step.Far].CreatedAt))
                Add(depth + 1, next, far);
        }
    }
}
