using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mlops.Contracts;

namespace Mlops.Inference.Rest;

/// <summary>Writes an answer: JSON and, where the caller asked for it, the bytes of outputs behind it.</summary>
internal static class ResponseBody
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="Fault">JSON cannot carry an output, and the caller did not ask for its bytes; nothing is written then.</exception>
    public static async Task WriteAsync(HttpResponse response, RestRequest request, InferenceResult result)
    {
        var json = new ArrayBufferWriter<byte>();
        WriteJson(json, request, result);
        var binary = Enumerable.Range(0, result.Outputs.Length).Where(request.WantsBinary).Select(output => result.Outputs[output].Contents).ToList();
        response.ContentType = "application/json";
        response.ContentLength = json.WrittenCount + binary.Sum(contents => (long)contents.Length);
        if (binary.Count > 0)
        {
            response.ContentType = "application/octet-stream";
            response.Headers[RequestBody.LengthHeader] = json.WrittenCount.ToString(CultureInfo.InvariantCulture);
        }

        // What is written to a caller who has gone is dropped by the server.
        await response.Body.WriteAsync(json.WrittenMemory);
        foreach (var contents in binary)
            await response.Body.WriteAsync(contents);
    }

    private static void WriteJson(IBufferWriter<byte> buffer, RestRequest request, InferenceResult result)
    {
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        json.WriteString("model_name", result.Version.Model);
        json.WriteString("model_version", result.Version.Number);
        if (request.Id is not null)
            json.WriteString("id", request.Id);
        json.WriteStartObject("parameters");
        foreach (var (name, value) in result.Version.Origin())
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteStartArray("outputs");
        for (var output = 0; output < result.Outputs.Length; output++)
            WriteOutput(json, result.Outputs[output], request.WantsBinary(output));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, in OutputTensor output, bool binary)
    {
        json.WriteStartObject();
        json.WriteString("name", output.Name);
        json.WriteString("datatype", output.Datatype.Name);
        json.WriteStartArray("shape");
        foreach (var dim in output.Shape)
            json.WriteNumberValue(dim);
        json.WriteEndArray();
        if (binary)
        {
            json.WriteStartObject("parameters");
            json.WriteNumber("binary_data_size", output.Contents.Length);
            json.WriteEndObject();
        }
        else
        {
            var elements = JsonElements.Of(output.Datatype) ?? throw Fault.Invalid($"outputs.{output.Name}", $"JSON has no {output.Datatype.Name}; {JsonElements.InsteadOfJson}");
            json.WriteStartArray("data");
            elements.Write(json, output);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
