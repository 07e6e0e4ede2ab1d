using System.Buffers.Binary;
using System.Text;
using Grpc.Core;
using Mlops.Protos;

namespace Mlops.Client;

/// <summary>Reads an answer's raw outputs.</summary>
internal static class PredictionReader
{
    private const string Label = "label";
    private const string Probabilities = "probabilities";
    private const string Value = "value";

    /// <summary>The answer, row by row.</summary>
    /// <exception cref="InferenceException">The answer is not one that the protocol allows.</exception>
    public static Prediction Read(ModelInferResponse response, int rows)
    {
        if (response.RawOutputContents.Count != response.Outputs.Count)
            throw Malformed($"{response.RawOutputContents.Count} raw contents for {response.Outputs.Count} outputs");
        var labels = Find(response, Label) is { } label ? Texts(label.Span, rows) : null;
        var probabilities = Find(response, Probabilities) is { } shares ? Matrix(shares.Span, rows) : null;
        var values = Find(response, Value) is { } numbers ? Matrix(numbers.Span, rows) : null;
        return new Prediction
        {
            Rows = [.. Enumerable.Range(0, rows).Select(row => new PredictedRow(labels?[row], probabilities?[row] ?? [], values?[row] ?? []))],
            ModelName = response.ModelName,
            ModelVersion = response.ModelVersion,
            ArtifactDigest = Text(response, "artifact_digest"),
            ModelVersionId = Id(response, "model_version_id"),
            PipelineRunId = Id(response, "pipeline_run_id"),
        };
    }

    private static ReadOnlyMemory<byte>? Find(ModelInferResponse response, string name)
    {
        for (var index = 0; index < response.Outputs.Count; index++)
        {
            if (response.Outputs[index].Name != name)
                continue;
            var datatype = response.Outputs[index].Datatype;
            if (datatype == (name == Label ? "BYTES" : "FP32"))
                return response.RawOutputContents[index].Memory;
            throw Malformed($"{datatype} as the prediction's '{name}'");
        }

        return null;
    }

    private static string[] Texts(ReadOnlySpan<byte> contents, int rows)
    {
        var texts = new string[rows];
        for (var row = 0; row < rows; row++)
        {
            var length = contents.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(contents);
            if (length < 0 || length > contents.Length - sizeof(int))
                throw Malformed($"a '{Label}' that ends in row {row + 1}");
            texts[row] = Encoding.UTF8.GetString(contents.Slice(sizeof(int), length));
            contents = contents[(sizeof(int) + length)..];
        }

        return texts;
    }

    private static float[][] Matrix(ReadOnlySpan<byte> contents, int rows)
    {
        var matrix = new float[rows][];
        var width = rows == 0 ? 0 : contents.Length / sizeof(float) / rows;
        for (var row = 0; row < rows; row++)
        {
            matrix[row] = new float[width];
            for (var column = 0; column < width; column++)
                matrix[row][column] = BinaryPrimitives.ReadSingleLittleEndian(contents[((row * width + column) * sizeof(float))..]);
        }

        return matrix;
    }

    private static InferenceException Malformed(string found) => new(StatusCode.Internal, $"the server answered with {found}, which this client cannot read");

    private static string Text(ModelInferResponse response, string parameter) =>
        response.Parameters.TryGetValue(parameter, out var value) ? value.StringParam : "";

    private static Guid? Id(ModelInferResponse response, string parameter) =>
        Guid.TryParse(Text(response, parameter), out var id) ? id : null;
}
