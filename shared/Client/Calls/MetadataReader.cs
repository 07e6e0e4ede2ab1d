using System.Text.Json;
using Mlops.Protos;

namespace Mlops.Client.Calls;

/// <summary>Reads what a server tells about a model.</summary>
internal static class MetadataReader
{
    private const string Columns = "columns";

    public static ModelMetadata Read(ModelMetadataResponse response) =>
        new(response.Name, [.. response.Versions], response.Platform, [.. response.Inputs.Select(ToTensor)], [.. response.Outputs.Select(ToTensor)]);

    private static TensorMetadata ToTensor(ModelMetadataResponse.Types.TensorMetadata tensor) =>
        new(tensor.Name, tensor.Datatype, [.. tensor.Shape]) { Columns = tensor.Parameters.TryGetValue(Columns, out var columns) ? ToNames(columns.StringParam) : [] };

    private static string[] ToNames(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException)
        {
            // Somebody else's parameter of that name: the server does not tell the columns in the way that is known here.
            return [];
        }
    }
}
