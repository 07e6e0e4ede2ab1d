using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;
using Mlops.Tabular;

namespace Mlops.Scoring;

/// <summary>Whether a loaded model is what its signature says.</summary>
internal static class SignatureCheck
{
    /// <summary>Refuses a model with other inputs or outputs than its signature's; lists every problem.</summary>
    public static void Check(InferenceSession session, ModelSignature signature, IReadOnlyList<string> needed)
    {
        List<Problem> problems = [];
        foreach (var input in signature.Inputs)
        {
            if (input.Datatype != "BYTES" && NumberDatatype.Find(input.Datatype) is null)
                problems.Add(new Problem(input.Name, $"an input of {input.Datatype}; {NumberDatatype.Names} and BYTES can be filled from a table"));
            if (input.Columns.Count == 0 || input.Shape.Count != 2 || input.Shape[1] != input.Columns.Count)
                problems.Add(new Problem(input.Name, $"shape [{string.Join(", ", input.Shape)}] for {input.Columns.Count} columns; [-1, {input.Columns.Count}] fits them"));
        }
        foreach (var extra in session.InputMetadata.Keys.Except(signature.Inputs.Select(input => input.Name)))
            problems.Add(new Problem(extra, "an input of the model that its signature does not have"));
        foreach (var missing in needed.Except(signature.Outputs.Select(output => output.Name)))
            problems.Add(new Problem(missing, $"an output that the signature of a {signature.Task.ToString().ToLowerInvariant()} must have"));
        foreach (var value in signature.Outputs.Where(output => signature.Task == TaskKind.Regression && output == signature.Value && output.Shape is not [_, > 0]))
            problems.Add(new Problem(value.Name, $"shape [{string.Join(", ", value.Shape)}]; [-1, number of targets] is accepted"));
        if (signature.Task == TaskKind.Classification && signature.Classes.Count == 0)
            problems.Add(new Problem("classes", "none; a classification has at least one"));
        foreach (var twice in signature.Classes.GroupBy(name => name).Where(group => group.Count() > 1))
            problems.Add(new Problem("classes", $"'{twice.Key}' stands {twice.Count()} times; each class is accepted once"));
        foreach (var tensor in signature.Inputs)
            CheckTensor(tensor, session.InputMetadata, "input", problems);
        foreach (var tensor in signature.Outputs)
            CheckTensor(tensor, session.OutputMetadata, "output", problems);
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
    }

    private static void CheckTensor(TensorSignature tensor, IReadOnlyDictionary<string, NodeMetadata> there, string role, List<Problem> problems)
    {
        if (!there.TryGetValue(tensor.Name, out var found))
            problems.Add(new Problem(tensor.Name, $"no such {role} in the model; there are {string.Join(", ", there.Keys)}"));
        else if (Datatype(found) != tensor.Datatype)
            problems.Add(new Problem(tensor.Name, $"an {role} of {Datatype(found)} in the model, of {tensor.Datatype} in its signature"));
    }

    private static string Datatype(NodeMetadata metadata) => metadata.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR
        ? metadata.OnnxValueType.ToString()
        : TensorDatatype.Find(metadata.ElementDataType)?.Name ?? metadata.ElementDataType.ToString();
}
