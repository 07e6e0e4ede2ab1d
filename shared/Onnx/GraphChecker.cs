using Mlops.Contracts;
using Mlops.Onnx.Format;

namespace Mlops.Onnx;

/// <summary>
/// Checks that a graph hangs together: names, order, domains and the sizes of its constants.
/// Types and shapes of values are left to the runtime that loads the model.
/// </summary>
public static class GraphChecker
{
    /// <summary>
    /// Passes a model in which every value is defined once and before its use, every output is produced, every domain is
    /// imported once, and every constant is inside the file with as many bytes as its dimensions and type say.
    /// </summary>
    /// <exception cref="Fault">Something is wrong; it lists everything that is.</exception>
    public static void Check(ModelProto model)
    {
        var problems = new List<Problem>();
        CheckDomains(model, problems);
        if (model.Graph is null)
            problems.Add(new Problem("graph", "missing"));
        else
            new GraphCheck("graph", model.OpsetImport.Select(import => DomainOf(import.Domain)).ToHashSet(), problems).Run(model.Graph);
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
    }

    /// <summary>ONNX's own domain has two spellings.</summary>
    internal static string DomainOf(string domain) => domain == "ai.onnx" ? "" : domain;

    private static void CheckDomains(ModelProto model, List<Problem> problems)
    {
        foreach (var twice in model.OpsetImport.GroupBy(import => DomainOf(import.Domain)).Where(group => group.Count() > 1))
            problems.Add(new Problem("opset_import", $"domain '{twice.Key}' is imported {twice.Count()} times; once is accepted"));
        foreach (var import in model.OpsetImport.Where(import => import.Version < 1))
            problems.Add(new Problem("opset_import", $"version {import.Version} of domain '{import.Domain}'; 1 and above are accepted"));
    }

    /// <summary>One graph of the model: the main one, or one inside a node.</summary>
    private sealed class GraphCheck(string path, IReadOnlySet<string> domains, List<Problem> problems)
    {
        private readonly HashSet<string> _defined = new(StringComparer.Ordinal);

        public void Run(GraphProto graph, params IEnumerable<string> outer)
        {
            _defined.UnionWith(outer);
            foreach (var input in graph.Input)
                Define("input", input.Name);
            CheckInitializers(graph);
            for (var i = 0; i < graph.Node.Count; i++)
                CheckNode($"node[{i}]", graph.Node[i]);
            if (graph.Output.Count == 0)
                Report("output", "there is none; at least one is accepted");
            foreach (var twice in graph.Output.GroupBy(output => output.Name).Where(group => group.Count() > 1))
                Report("output", $"'{twice.Key}' stands {twice.Count()} times; once is accepted");
            foreach (var output in graph.Output.Where(output => !_defined.Contains(output.Name)))
                Report("output", $"nothing produces '{output.Name}'");
        }

        private void CheckInitializers(GraphProto graph)
        {
            // An initialiser with the name of an input is that input's default value.
            var inputs = graph.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var tensor in graph.Initializer)
            {
                if (!inputs.Remove(tensor.Name))
                    Define("initializer", tensor.Name);
                CheckTensor($"initializer '{tensor.Name}'", tensor);
            }
        }

        private void CheckNode(string field, NodeProto node)
        {
            if (node.OpType.Length == 0)
                Report(field, "has no operator");
            if (!domains.Contains(DomainOf(node.Domain)))
                Report(field, $"{node.OpType} is of domain '{node.Domain}', which the model does not import");
            foreach (var input in node.Input.Where(input => input.Length > 0 && !_defined.Contains(input)))
                Report(field, $"{node.OpType} reads '{input}', which no input, initializer or earlier node defines");
            foreach (var attribute in node.Attribute)
            {
                if (attribute.T is { } tensor)
                    CheckTensor($"{field}.{attribute.Name}", tensor);
                foreach (var graph in Subgraphs(attribute))
                    new GraphCheck($"{path}.{field}.{attribute.Name}", domains, problems).Run(graph, _defined);
            }
            foreach (var output in node.Output.Where(output => output.Length > 0))
                Define(field, output);
        }

        private void CheckTensor(string field, TensorProto tensor)
        {
            if (TensorCheck.Find(tensor) is { } problem)
                Report(field, problem);
        }

        private void Define(string field, string name)
        {
            if (name.Length == 0)
                Report(field, "has no name");
            else if (!_defined.Add(name))
                Report(field, $"defines '{name}', which is defined already");
        }

        private void Report(string field, string message) => problems.Add(new Problem($"{path}.{field}", message));
    }

    /// <summary>The graphs that an attribute holds: bodies of loops, branches of conditions.</summary>
    internal static IEnumerable<GraphProto> Subgraphs(AttributeProto attribute) =>
        attribute.G is { } graph ? attribute.Graphs.Prepend(graph) : attribute.Graphs;
}
