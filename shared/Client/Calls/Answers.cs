using Mlops.Protos;

namespace Mlops.Client.Calls;

/// <summary>How an answer is read.</summary>
/// <param name="Outputs">Those that are asked for; none for all.</param>
/// <param name="Read">Reads the answer for so many rows.</param>
internal sealed record AnswerReader<TAnswer>(IReadOnlyList<string> Outputs, Func<ModelInferResponse, int, TAnswer> Read);

/// <summary>The ways to read answers of a model.</summary>
internal static class Answers
{
    public static AnswerReader<IReadOnlyList<TResult>> Typed<TResult>(ModelSchema schema)
    {
        var results = schema.Results<TResult>();
        return new(results.Outputs, results.Read);
    }

    public static AnswerReader<Prediction> Whole(ModelSchema schema) => new([], PredictionReader.Read);
}
