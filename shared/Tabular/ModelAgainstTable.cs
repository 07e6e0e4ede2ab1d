using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>Whether a model that was not trained here can be evaluated on a data set.</summary>
public static class ModelAgainstTable
{
    /// <summary>Throws unless each input can be filled from the table's columns, and the outputs answer the spec's question.</summary>
    /// <param name="signature">What the model takes and gives.</param>
    /// <param name="spec">The spec of the run that evaluates it.</param>
    /// <param name="table">Read as the spec says.</param>
    /// <exception cref="Fault">Invalid: every problem is in it.</exception>
    public static void Check(ModelSignature signature, PipelineSpec spec, Table table)
    {
        Problem[] problems = [.. OfTask(signature, spec), .. signature.Inputs.SelectMany(input => OfInput(input, spec, table)), .. OfOutputs(signature, spec)];
        if (problems.Length > 0)
            throw new Fault(FaultKind.Invalid, problems);
    }

    private static IEnumerable<Problem> OfTask(ModelSignature signature, PipelineSpec spec)
    {
        if (signature.Task != spec.Task)
            yield return new Problem("task", $"{SpecJson.NameOf(spec.Task)} is not accepted; the model's task, {SpecJson.NameOf(signature.Task)}, is");
        if (signature.Task == TaskKind.Classification && signature.Classes.Count == 0)
            yield return new Problem("model.classes", "none are registered; a model version whose classes are, in the order of its probabilities, is accepted");
    }

    private static IEnumerable<Problem> OfInput(TensorSignature input, PipelineSpec spec, Table table)
    {
        var field = $"model.inputs.{input.Name}";
        if (input.Datatype != "BYTES" && NumberDatatype.Find(input.Datatype) is null)
            yield return new Problem(field, $"{input.Datatype} is not accepted; {NumberDatatype.Names} for numbers and BYTES for texts are");
        if (input.Columns.Count == 0)
            yield return new Problem(field, "no columns are registered for it; a model version whose columns are is accepted");
        else if (input.Shape.Count != 2 || (input.Shape[1] != input.Columns.Count && input.Shape[1] != -1))
            yield return new Problem(field, $"shape [{string.Join(", ", input.Shape)}] is not accepted for {input.Columns.Count} columns; [-1, {input.Columns.Count}] is");
        else if (input.Shape[0] > 1)
            yield return new Problem(field, $"shape [{string.Join(", ", input.Shape)}] is {input.Shape[0]} rows at once, which is not accepted; any number of rows (-1), or one, is");
        foreach (var name in input.Columns)
        {
            if (spec.Target.Contains(name))
                yield return new Problem(field, $"it holds {Quoted.Text(name)}, which is the target");
            else if (table.Columns.FirstOrDefault(column => column.Name == name) is not { } column)
                yield return new Problem(field, $"there is no column {Quoted.Text(name)}; there are {Quoted.List([.. table.Columns.Select(known => known.Name)])}");
            else if ((column.Type == ColumnType.Categorical) != (input.Datatype == "BYTES"))
                yield return new Problem(field, $"column {Quoted.Text(name)} is {SpecJson.NameOf(column.Type)}; {(input.Datatype == "BYTES" ? "texts" : "numbers")} are accepted");
            else if (column is NumericColumn numbers && NumberDatatype.Find(input.Datatype)?.WhyNot(numbers) is { } reason)
                yield return new Problem(field, $"column {Quoted.Text(name)}, {reason}");
        }
    }

    private static IEnumerable<Problem> OfOutputs(ModelSignature signature, PipelineSpec spec) => signature.Task == TaskKind.Classification
        ? OfOutput(signature, ModelSignature.LabelOutput, "BYTES", "INT64", "INT32").Concat(OfProbabilities(signature))
        : OfValue(signature, spec);

    private static IEnumerable<Problem> OfProbabilities(ModelSignature signature)
    {
        foreach (var problem in OfOutput(signature, ModelSignature.ProbabilitiesOutput, "FP32", "FP64"))
            yield return problem;
        var given = signature.Outputs.FirstOrDefault(output => output.Name == ModelSignature.ProbabilitiesOutput)?.Shape is [.., > 0 and var width] ? width : signature.Classes.Count;
        if (signature.Classes.Count > 0 && given != signature.Classes.Count)
            yield return new Problem("model.classes", $"{signature.Classes.Count} are registered for {given} probabilities a row; a class for each is accepted");
    }

    private static IEnumerable<Problem> OfValue(ModelSignature signature, PipelineSpec spec)
    {
        if (signature.Value is not { } value)
            return OfOutput(signature, ModelSignature.ValueOutput);
        return value.Shape is [_, var width] && width == spec.Target.Count
            ? OfOutput(signature, value.Name, "FP32", "FP64")
            : [new Problem($"model.outputs.{value.Name}", $"shape [{string.Join(", ", value.Shape)}] is not accepted for {spec.Target.Count} targets; [-1, {spec.Target.Count}] is")];
    }

    private static IEnumerable<Problem> OfOutput(ModelSignature signature, string name, params string[] datatypes)
    {
        if (signature.Outputs.FirstOrDefault(output => output.Name == name) is not { } found)
            yield return new Problem("model.outputs", $"none is named {name}; an output of that name is accepted beside others (there are {Quoted.List([.. signature.Outputs.Select(output => output.Name)])})");
        else if (!datatypes.Contains(found.Datatype))
            yield return new Problem($"model.outputs.{name}", $"{found.Datatype} is not accepted; {string.Join(" or ", datatypes)} is");
    }
}
