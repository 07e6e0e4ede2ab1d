using System.Text.Json;
using System.Text.Unicode;
using Mlops.Contracts;

namespace Mlops.Inference.Rest;

/// <summary>Reads an inference request. Nothing is allocated by the caller's word, only by what the caller has sent.</summary>
public static class RequestJson
{
    private static readonly string[] RequestFields = ["id", "parameters", "inputs", "outputs"];
    private static readonly string[] OutputFields = ["name", "parameters"];

    /// <summary>The request in the data plane's terms; tensors that came as bytes stay where they are in the body.</summary>
    /// <param name="model">From the path.</param>
    /// <param name="version">From the path; empty for the current one.</param>
    /// <param name="body">What was posted.</param>
    /// <exception cref="Fault">It is no inference request.</exception>
    public static RestRequest Parse(string model, string version, RequestBody body)
    {
        if (!Utf8.IsValid(body.Json.Span))
            throw Fault.Invalid("body", "the JSON is not UTF-8; UTF-8 is accepted");
        try
        {
            var reader = new Utf8JsonReader(body.Json.Span);
            reader.Read();
            var request = Read(ref reader, model, version, body.Binary);
            // Throws where something stands behind the object.
            reader.Read();
            return request;
        }
        catch (JsonException exception)
        {
            throw Fault.Invalid("body", $"not JSON: {exception.Message}");
        }
    }

    private static RestRequest Read(ref Utf8JsonReader reader, string model, string version, ReadOnlyMemory<byte> binary)
    {
        string? id = null;
        List<InputTensor>? inputs = null;
        List<(string Name, bool? Binary)> outputs = [];
        var parameters = default(RestParameters);
        var fields = new JsonFields(ref reader, RequestFields, "");
        while (fields.Next(ref reader) is { } field)
        {
            switch (field)
            {
                case "id":
                    id = JsonValue.Text(ref reader, field);
                    break;
                case "parameters":
                    parameters = RestParameters.Read(ref reader, field);
                    break;
                case "inputs":
                    inputs = ReadInputs(ref reader, ref binary);
                    break;
                case "outputs":
                    outputs = ReadOutputs(ref reader);
                    break;
            }
        }

        if (inputs is null)
            throw Fault.Invalid("inputs", "missing; an array of tensors is accepted");
        if (!binary.IsEmpty)
            throw Fault.Invalid("body", $"{binary.Length} bytes are left behind the JSON; each has to belong to an input, by its parameter binary_data_size");
        return new RestRequest
        {
            Inference = new InferenceRequest
            {
                Model = model,
                Version = version,
                Inputs = [.. inputs],
                Outputs = [.. outputs.Select(output => output.Name)],
                Parameters = parameters.Serving,
            },
            Id = id,
            BinaryOutputs = parameters.BinaryOutputs ?? false,
            BinaryByOutput = [.. outputs.Select(output => output.Binary)],
        };
    }

    private static List<InputTensor> ReadInputs(ref Utf8JsonReader reader, ref ReadOnlyMemory<byte> binary)
    {
        var inputs = new List<InputTensor>();
        JsonValue.Expect(ref reader, JsonTokenType.StartArray, "inputs", "an array of tensors");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            inputs.Add(InputJson.Read(ref reader, inputs.Count, ref binary));
        return inputs;
    }

    private static List<(string Name, bool? Binary)> ReadOutputs(ref Utf8JsonReader reader)
    {
        var outputs = new List<(string, bool?)>();
        JsonValue.Expect(ref reader, JsonTokenType.StartArray, "outputs", "an array of outputs");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            outputs.Add(ReadOutput(ref reader, outputs.Count));
        return outputs;
    }

    private static (string Name, bool? Binary) ReadOutput(ref Utf8JsonReader reader, int index)
    {
        string? name = null;
        var parameters = default(RestParameters);
        var path = $"outputs[{index}]";
        var fields = new JsonFields(ref reader, OutputFields, path);
        while (fields.Next(ref reader) is { } field)
        {
            switch (field)
            {
                case "name":
                    name = JsonValue.Text(ref reader, $"{path}.{field}");
                    break;
                case "parameters":
                    parameters = RestParameters.Read(ref reader, $"{path}.{field}");
                    break;
            }
        }

        return (name ?? throw Fault.Invalid($"{path}.name", "missing; an output's name is accepted"), parameters.Binary);
    }
}
