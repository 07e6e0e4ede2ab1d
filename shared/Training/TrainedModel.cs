using Mlops.Contracts;
using Mlops.Tabular;
using Mlops.Training.Export;
using Mlops.Training.Features;
using Mlops.Training.Heads;
using Mlops.Training.Networks;
using static TorchSharp.torch;

namespace Mlops.Training;

/// <summary>A trained network with its preprocessing, on the CPU.</summary>
public sealed class TrainedModel : IDisposable
{
    private const int BlockRows = 4_096;

    private readonly Network _network;
    private readonly Head _head;

    internal TrainedModel(Network network, Preprocessing preprocessing, Head head)
    {
        (_network, _head) = (network, head);
        Preprocessing = preprocessing;
        Signature = ModelExport.SignatureOf(preprocessing);
    }

    /// <summary>What was learned of the columns.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>What the exported model takes and gives.</summary>
    public ModelSignature Signature { get; }

    /// <summary>Where it was trained: <c>cpu</c> or <c>cuda</c>.</summary>
    public required string Device { get; init; }

    /// <summary>The epoch whose weights these are: the best with early stopping, else the last.</summary>
    public required EpochReport Kept { get; init; }

    /// <summary>Epochs that ran.</summary>
    public required int Epochs { get; init; }

    /// <summary>What computed the weights, beside spec and rows: another one may give other bits.</summary>
    public string Backend => DeviceChoice.Backend(Device);

    /// <summary>Preprocessing and network as one ONNX model (opset 17, ai.onnx.ml 3). Equal models give equal bytes.</summary>
    public byte[] ToOnnx() => ModelExport.ToOnnx(Preprocessing, _network, _head);

    /// <summary>Predicts without ONNX, to compare the exported model with.</summary>
    /// <param name="table">Has the feature columns; others are not looked at.</param>
    /// <returns>Row-major: rows × classes probabilities, or rows × targets in the targets' units.</returns>
    /// <exception cref="Fault">A feature column is missing or holds the other type.</exception>
    public float[] Predict(Table table)
    {
        using var _ = no_grad();
        var (width, outputs) = (Preprocessing.Width, Preprocessing.Target.Width);
        var encoded = Preprocessing.Encode(table);
        var predictions = new float[table.Rows * outputs];
        for (var start = 0; start < table.Rows; start += BlockRows)
        {
            using var scope = NewDisposeScope();
            var rows = Math.Min(BlockRows, table.Rows - start);
            var inputs = tensor(encoded.AsMemory(start * width, rows * width), [rows, width]);
            _head.Answer(_network.Forward(inputs, dropout: null)).ToFloats().CopyTo(predictions.AsSpan(start * outputs));
        }
        return predictions;
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    internal IReadOnlyList<float[]> Weights => [.. _network.Parameters.Select(parameter => parameter.ToFloats())];
}
