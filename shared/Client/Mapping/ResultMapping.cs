using Mlops.Protos;

namespace Mlops.Client.Mapping;

/// <summary>Makes the result for one row.</summary>
internal delegate TResult RowReader<out TResult>(ModelInferResponse response, OutputTensor[] tensors, int row);

/// <summary>Makes results of an answer.</summary>
/// <param name="outputs">The outputs that are read, and so asked for.</param>
/// <param name="read">Makes one of them.</param>
internal sealed class ResultMapping<TResult>(IReadOnlyList<TensorMetadata> outputs, RowReader<TResult> read)
{
    public IReadOnlyList<string> Outputs { get; } = [.. outputs.Select(output => output.Name).Distinct()];

    /// <exception cref="InferenceException">The answer is not what the metadata promised.</exception>
    public IReadOnlyList<TResult> Read(ModelInferResponse response, int rows)
    {
        var tensors = outputs.Select(output => OutputTensor.Find(response, output.Name, output.Datatype, rows) ?? throw OutputTensor.Malformed($"no '{output.Name}'")).ToArray();
        var results = new TResult[rows];
        for (var row = 0; row < rows; row++)
            results[row] = read(response, tensors, row);
        return results;
    }
}
