using Mlops.Protos;
using Tensor = Mlops.Protos.ModelInferRequest.Types.InferInputTensor;

namespace Mlops.Client.Mapping;

/// <summary>Writes a request's inputs from rows.</summary>
/// <param name="writers">One for each input, in the model's order.</param>
/// <param name="check">What is to be checked of the rows besides what the writers find.</param>
internal sealed class RowMapping<TRow>(IReadOnlyList<TensorWriter<TRow>> writers, Action<IReadOnlyList<TRow>>? check = null)
{
    /// <exception cref="InferenceException">A row does not fit.</exception>
    public void Write(ModelInferRequest request, IReadOnlyList<TRow> rows)
    {
        for (var row = 0; row < rows.Count; row++)
            if (rows[row] is null)
                throw BadRow.Of(row, "", "a row", "nothing");
        check?.Invoke(rows);
        foreach (var writer in writers)
        {
            var input = writer.Input;
            if (input.Shape[0] >= 0 && input.Shape[0] != rows.Count)
                throw InferenceException.Invalid($"model '{request.ModelName}' takes {input.Shape[0]} rows at a time ('{input.Name}' is {input}), got {rows.Count}");
            var (contents, width) = writer.Write(rows);
            request.Inputs.Add(new Tensor { Name = input.Name, Datatype = input.Datatype, Shape = { RowWidth.Shape(input, rows.Count, width) } });
            request.RawInputContents.Add(contents);
        }
    }
}

/// <summary>Makes the mapping for rows of a type to what a model takes.</summary>
internal static class RowMappings
{
    /// <param name="model">What it takes.</param>
    /// <param name="configuredColumns">The columns of the one input where the server does not tell them; empty if nobody does.</param>
    /// <exception cref="InferenceException">Rows of the type do not fit the model; everything that is wrong is told at once.</exception>
    public static RowMapping<TRow> Make<TRow>(ModelMetadata model, IReadOnlyList<string> configuredColumns)
    {
        if (model.Inputs.Count == 0)
            throw InferenceException.Invalid($"the server tells no inputs of model '{model.Name}', so that rows cannot be sent to it");
        if (model.Inputs.FirstOrDefault(input => !Datatypes.Known.Contains(input.Datatype) || !RowWidth.TellsShape(input)) is { } unknown)
            throw InferenceException.Invalid($"model '{model.Name}' takes '{unknown.Name}' {unknown}, which rows cannot be sent to; accepted: {string.Join(", ", Datatypes.Known)}, with the rows first and one open dimension besides");
        if (typeof(TRow) == typeof(float[]))
            return (RowMapping<TRow>)(object)NumberRows.Make(model);
        if (typeof(TRow) == typeof(IReadOnlyDictionary<string, object?>))
            return (RowMapping<TRow>)(object)ColumnRows.Make(model);
        return TypedRows.Make<TRow>(model, configuredColumns);
    }
}
