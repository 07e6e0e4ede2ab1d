using System.Text.Json;

namespace Mlops.Inference.Rest;

/// <summary>The parameters of a request, an input or an output that change what is answered; any other means nothing here.</summary>
/// <param name="BinarySize">An input's bytes behind the JSON.</param>
/// <param name="Binary">Whether this output is wanted as bytes.</param>
/// <param name="BinaryOutputs">Whether all outputs are.</param>
/// <param name="Serving">How the request is to be served.</param>
internal readonly record struct RestParameters(long? BinarySize, bool? Binary, bool? BinaryOutputs, RequestParameters Serving)
{
    private static readonly string[] Known =
        ["binary_data_size", "binary_data", "binary_data_output", RequestParameters.PriorityName, RequestParameters.TimeoutName, RequestParameters.RoutingKeyName, .. Unclaimed.Parameters];

    public static RestParameters Read(ref Utf8JsonReader reader, string path)
    {
        var read = default(RestParameters);
        var fields = new JsonFields(ref reader, Known, path);
        while (fields.Next(ref reader) is { } name)
        {
            switch (name)
            {
                case "binary_data_size":
                    read = read with { BinarySize = JsonValue.Count(ref reader, $"{path}.{name}") };
                    break;
                case "binary_data":
                    read = read with { Binary = JsonValue.Flag(ref reader, $"{path}.{name}") };
                    break;
                case "binary_data_output":
                    read = read with { BinaryOutputs = JsonValue.Flag(ref reader, $"{path}.{name}") };
                    break;
                case RequestParameters.PriorityName or RequestParameters.TimeoutName:
                    read = read with { Serving = read.Serving.With(name, (ulong)JsonValue.Count(ref reader, $"{path}.{name}")) };
                    break;
                case RequestParameters.RoutingKeyName:
                    read = read with { Serving = read.Serving with { Key = JsonValue.Text(ref reader, $"{path}.{name}") } };
                    break;
                default:
                    throw Unclaimed.Refusal(path, name);
            }
        }

        return read;
    }
}
