using Mlops.Contracts;
using Mlops.Onnx.Format;

namespace Mlops.Onnx;

/// <summary>Whether a model that somebody else made may be taken: it must be whole, and made of operators that are known to reach nothing but their inputs.</summary>
public static class AcceptedModel
{
    /// <summary>Oldest version of ONNX's own operators that ONNX Runtime still has.</summary>
    public const int OldestOpset = 7;

    /// <summary>Domains whose operators ONNX Runtime brings along. Those of others would need libraries of their makers.</summary>
    private static readonly string[] Domains = ["", GraphBuilder.MlDomain, GraphBuilder.MicrosoftDomain];

    /// <summary>Checks what <see cref="GraphChecker"/> leaves open, and it as well.</summary>
    /// <exception cref="Fault">Invalid: it lists everything that is wrong.</exception>
    public static void Check(ModelProto model)
    {
        GraphChecker.Check(model);
        var problems = new List<Problem>();
        foreach (var import in model.OpsetImport)
        {
            var domain = GraphChecker.DomainOf(import.Domain);
            if (!Domains.Contains(domain))
                problems.Add(new Problem("opset_import", $"domain '{import.Domain}' is not accepted; ai.onnx, ai.onnx.ml and com.microsoft are"));
            else if (domain.Length == 0 && import.Version < OldestOpset)
                problems.Add(new Problem("opset_import", $"version {import.Version} of ai.onnx is not accepted; {OldestOpset} and above are"));
        }

        foreach (var function in model.Functions)
            problems.Add(new Problem("functions", $"the local function '{function.Name}' is not accepted; a model whose functions are inlined is"));
        CheckGraph("graph", model.Graph, problems);
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
    }

    private static void CheckGraph(string path, GraphProto graph, List<Problem> problems)
    {
        if (graph.SparseInitializer.Count > 0)
            problems.Add(new Problem($"{path}.sparse_initializer", "sparse constants are not accepted; dense ones are"));
        for (var index = 0; index < graph.Node.Count; index++)
        {
            foreach (var attribute in graph.Node[index].Attribute)
            {
                var field = $"{path}.node[{index}].{attribute.Name}";
                if (attribute.SparseTensor is not null || attribute.SparseTensors.Count > 0)
                    problems.Add(new Problem(field, "a sparse constant is not accepted; a dense one is"));
                foreach (var tensor in attribute.Tensors)
                {
                    if (TensorCheck.Find(tensor) is { } problem)
                        problems.Add(new Problem(field, problem));
                }

                foreach (var inner in GraphChecker.Subgraphs(attribute))
                    CheckGraph(field, inner, problems);
            }
        }
    }
}
