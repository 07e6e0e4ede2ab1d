using Mlops.Onnx.Format;

namespace Mlops.Onnx.Rows;

/// <summary>Goes through a graph's nodes in their order and notes what each makes of its inputs.</summary>
internal sealed class Walk(ModelProto model, Dictionary<string, Value> values)
{
    private readonly ILookup<string, long> _opsets = model.OpsetImport.ToLookup(import => GraphChecker.DomainOf(import.Domain), import => import.Version);
    private readonly HashSet<(string, string)> _functions = [.. model.Functions.Select(function => (GraphChecker.DomainOf(function.Domain), function.Name))];

    public void Run()
    {
        foreach (var node in model.Graph.Node)
        {
            // Before any of the outputs is there: a node does not read itself.
            Value[] outputs = [.. node.Output.Select((_, output) => Judge(node, output))];
            for (var output = 0; output < outputs.Length; output++)
                values[node.Output[output]] = outputs[output];
        }
    }

    private Value Judge(NodeProto node, int output)
    {
        var domain = GraphChecker.DomainOf(node.Domain);
        if (_functions.Contains((domain, node.OpType)))
            return Refused(node, "is a function of the model's own");
        if (node.Attribute.SelectMany(GraphChecker.Subgraphs).Any())
            return Refused(node, "holds a graph of its own");
        if (node.OpType == "Constant" && domain.Length == 0)
            return Constants.Of(node);
        var inputs = new List<Value>();
        foreach (var name in node.Input)
        {
            if (name.Length > 0 && !values.ContainsKey(name))
                return Refused(node, $"reads '{name}', which nothing before it defines");
            inputs.Add(name.Length > 0 ? values[name] : Value.Absent);
        }
        var operation = new Operation(node, output, inputs, _opsets[domain].Distinct().ToArray() is [var only] ? only : 0);
        // The first cause is the one to tell; what else was known of the value is not true of what was made of it.
        if (inputs.FirstOrDefault(input => input.Why is not null) is { Why: { } why })
            return TurnedRules.Judge(operation) ?? CountedRules.Judge(operation) ?? Value.Mixed(why);
        var value = RowRules.Judge(operation);
        return value.Why is null ? value : value.BlamedOn(Name(node));
    }

    private static Value Refused(NodeProto node, string why) => Value.Mixed(why).BlamedOn(Name(node));

    private static string Name(NodeProto node) =>
        $"{(node.Name.Length > 0 ? $"node '{node.Name}'" : $"the node of '{node.Output.FirstOrDefault(name => name.Length > 0)}'")} ({node.OpType})";
}
