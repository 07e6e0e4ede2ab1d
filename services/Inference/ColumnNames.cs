using System.Collections.Immutable;
using System.Text.Json;

namespace Mlops.Inference;

/// <summary>The names of the columns that a model takes in one tensor, which the trainer writes into the ONNX file.</summary>
internal static class ColumnNames
{
    private const string Key = "mlops.columns";

    /// <summary>The inputs, with their columns where the file tells them and they are as many as the tensor is wide.</summary>
    public static ImmutableArray<TensorFact> Name(ImmutableArray<TensorFact> inputs, IReadOnlyDictionary<string, string> metadata) =>
        inputs is [{ Shape: [_, var width] } only] && metadata.TryGetValue(Key, out var json) && Parse(json) is { } names && names.Length == width
            ? [only with { Columns = [.. names] }]
            : inputs;

    private static string[]? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json);
        }
        catch (JsonException)
        {
            // A file from elsewhere may mean something else by it.
            return null;
        }
    }
}
