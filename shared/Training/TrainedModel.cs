using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Export;
using Mlops.Training.Features;
using Mlops.Training.Heads;
using Mlops.Training.Networks;
using static TorchSharp.torch;

namespace Mlops.Training;

/// <summary>A trained network, or trees, with preprocessing, on the CPU.</summary>
public sealed class TrainedModel : IDisposable
{
    private const int RowsAtOnce = 1 << 14;

    private readonly IPredictor _predictor;
    private readonly Head _head;

    /// <summary>What a fit made.</summary>
    /// <param name="predictor">It belongs to the model from now on.</param>
    /// <param name="preprocessing">What was learned of the columns.</param>
    /// <param name="head">What answers.</param>
    /// <param name="input">What was trained, with its architecture given.</param>
    /// <param name="kept">The epoch that was kept.</param>
    /// <param name="epochs">Epochs that ran.</param>
    /// <param name="elapsed">What they took.</param>
    internal TrainedModel(IPredictor predictor, Preprocessing preprocessing, Head head, TrainingInput input, EpochReport kept, int epochs, TimeSpan elapsed)
    {
        (_predictor, _head) = (predictor, head);
        Preprocessing = preprocessing;
        Signature = ModelExport.SignatureOf(preprocessing);
        Model = input.Spec.Model;
        TrainRows = input.Train.Rows;
        FirstFitRows = input.FirstFit?.Rows;
        Kept = input.FirstFit?.Kept ?? kept;
        Epochs = epochs + (input.FirstFit?.Epochs ?? 0);
        Elapsed = elapsed + (input.FirstFit?.Elapsed ?? TimeSpan.Zero);
    }

    /// <summary>What was learned of the columns.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>What the exported model takes and gives.</summary>
    public ModelSignature Signature { get; }

    /// <summary>The architecture: the spec's, or the one that was picked.</summary>
    public ModelSpec Model { get; }

    /// <summary>What it was picked from, in the order in which it was tried; empty where the spec gave the architecture.</summary>
    public IReadOnlyList<ModelCandidate> Candidates { get; internal set; } = [];

    /// <summary>What a person should know about the data or the training, in words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Where it was trained: <c>cpu</c>, or such as <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>
    /// The epoch whose weights or trees these are: the best with early stopping, else the last. After a refit, the best of
    /// the first fit.
    /// </summary>
    public EpochReport Kept { get; }

    /// <summary>Epochs that ran, a refit's among them.</summary>
    public int Epochs { get; }

    /// <summary>Rows that it was trained on; after a refit, validation rows among them.</summary>
    public long TrainRows { get; }

    /// <summary>Rows of the first fit; null where there was no refit.</summary>
    public long? FirstFitRows { get; }

    /// <summary>Rows a step, the spec's unless a device's memory was too small; null of boosted trees.</summary>
    public int? BatchSize { get; init; }

    /// <summary>What its epochs took, over all lives of the training and both fits.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>What computed them, beside spec and rows: another one may give other bits.</summary>
    public required string Backend { get; init; }

    /// <summary>Preprocessing and what was trained as one ONNX model (opset 17, ai.onnx.ml 3). Equal models give equal bytes.</summary>
    public byte[] ToOnnx() => ModelExport.ToOnnx(Preprocessing, _predictor, _head);

    /// <summary>Predicts without ONNX, to compare the exported model with.</summary>
    /// <param name="table">Has the feature columns; others are not looked at.</param>
    /// <returns>Row-major: rows × classes probabilities, or rows × targets in the targets' units.</returns>
    /// <exception cref="Fault">A feature column is missing or holds the other type.</exception>
    public float[] Predict(Table table)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var output = _predictor.Predict(Preprocessing.Encode(table), table.Rows);
        return _head.Answer(tensor(output, [table.Rows, _head.Outputs])).ToFloats();
    }

    /// <summary>The same of rows that need not be in memory; the answers are.</summary>
    /// <inheritdoc cref="Predict(Table)"/>
    public float[] Predict(IRows rows) => rows is Table table ? Predict(table) : [.. rows.Blocks(RowsAtOnce).SelectMany(Predict)];

    /// <summary>What is kept of the training besides, with this process as its environment.</summary>
    public TrainingDetails Describe() => new()
    {
        Model = Model,
        Candidates = Candidates,
        Notes = Notes,
        Environment = EnvironmentReading.Read(),
        TrainRows = TrainRows,
        FirstFitRows = FirstFitRows,
        Epochs = Epochs,
        BatchSize = BatchSize,
        Seconds = Elapsed.TotalSeconds,
    };

    /// <inheritdoc/>
    public void Dispose() => _predictor.Dispose();

    internal IReadOnlyList<float[]> Weights => [.. ((Network)_predictor).Parameters.Select(parameter => parameter.ToFloats())];
}
