using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Scoring;

/// <summary>Asks a model for its answers to the rows of a table. Safe for use by several threads at once.</summary>
public sealed class OnnxScorer : IDisposable
{
    /// <summary>Rows that one run takes at most, unless told otherwise.</summary>
    public const int DefaultBatchRows = 1_024;

    private const int BlockBatches = 16;

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputs;
    private readonly string[] _outputs;
    private readonly int _batchRows;
    private readonly Dictionary<string, int> _classes;

    /// <summary>
    /// Rows that one run may take of a version made by a method: dynamic quantisation takes its range from the whole batch, so that
    /// only row by row is it measured as a caller will see it.
    /// </summary>
    public static int BatchRowsOf(string method) => method == CompressionSpec.Int8Dynamic ? 1 : DefaultBatchRows;

    /// <summary>Loads a model.</summary>
    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="signature">What it takes and gives.</param>
    /// <param name="batchRows">Rows that one run takes at most; bounds the memory. At least 1, and 1 of a model that takes no more.</param>
    /// <exception cref="Fault">The bytes are no model that ONNX Runtime loads, or the model is not as its signature says.</exception>
    public OnnxScorer(byte[] model, ModelSignature signature, int batchRows = DefaultBatchRows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchRows, 1);
        Signature = signature;
        _batchRows = signature.IsOneRow ? 1 : batchRows;
        _inputs = [.. signature.Inputs.Select(input => input.Name)];
        _outputs = signature.Task == TaskKind.Classification
            ? [ModelSignature.LabelOutput, ModelSignature.ProbabilitiesOutput]
            : [signature.Value?.Name ?? ModelSignature.ValueOutput];
        _session = OnnxSessions.Create(model).Session;
        try
        {
            SignatureCheck.Check(_session, signature, _outputs);
            _classes = signature.Classes.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>What the model takes and gives.</summary>
    public ModelSignature Signature { get; }

    /// <summary>The model's answers. Other columns than the model's may be in the table; they are not looked at.</summary>
    /// <exception cref="Fault">A column is missing or of another type, or the model cannot run on these rows.</exception>
    public Scores Score(Table rows)
    {
        InputBatch.Check(Signature, rows);
        var width = Width;
        var predicted = Signature.Task == TaskKind.Classification ? new int[rows.Rows] : [];
        var outputs = new float[rows.Rows * width];
        for (var start = 0; start < rows.Rows; start += _batchRows)
        {
            var count = Math.Min(_batchRows, rows.Rows - start);
            using var batch = new InputBatch(Signature, rows, start, count);
            using var results = Run(batch);
            if (predicted.Length > 0)
                ReadLabels(results[0], predicted.AsSpan(start, count));
            ReadFloats(results[^1], outputs.AsSpan(start * width, count * width));
        }
        return new Scores(rows.Rows, width, predicted, outputs);
    }

    /// <summary>The same of rows that need not be in memory; the answers are.</summary>
    /// <inheritdoc cref="Score(Table)"/>
    public Scores Score(IRows rows)
    {
        if (rows is Table table)
            return Score(table);
        var (predicted, outputs) = (new List<int>(), new List<float>());
        foreach (var block in rows.Blocks(BlockBatches * _batchRows))
        {
            var scores = Score(block);
            predicted.AddRange(scores.Predicted);
            outputs.AddRange(scores.Outputs);
        }
        return new Scores(rows.Rows, Width, predicted.ToArray(), outputs.ToArray());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    /// <summary>Runs the model once; the caller disposes of the results.</summary>
    internal IDisposableReadOnlyCollection<OrtValue> Run(InputBatch batch)
    {
        try
        {
            return _session.Run(_run, _inputs, batch.Values, _outputs);
        }
        catch (OnnxRuntimeException e)
        {
            throw Fault.Invalid("model", $"cannot run on these rows: {e.Message}");
        }
    }

    private int Width => Signature.Task == TaskKind.Classification
        ? Signature.Classes.Count
        : (int)Signature.Value!.Shape[^1];

    private void ReadLabels(OrtValue labels, Span<int> into)
    {
        // Other makers' models number their classes.
        var texts = labels.GetTensorTypeAndShape().ElementDataType switch
        {
            TensorElementType.Int64 => Texts<long>(labels),
            TensorElementType.Int32 => Texts<int>(labels),
            _ => labels.GetStringTensorAsArray(),
        };
        CheckLength(ModelSignature.LabelOutput, texts.Length, into.Length);
        for (var i = 0; i < into.Length; i++)
            into[i] = _classes.GetValueOrDefault(texts[i], -1);
    }

    private void ReadFloats(OrtValue values, Span<float> into)
    {
        if (values.GetTensorTypeAndShape().ElementDataType == TensorElementType.Double)
        {
            var doubles = values.GetTensorDataAsSpan<double>();
            CheckLength(_outputs[^1], doubles.Length, into.Length);
            for (var i = 0; i < into.Length; i++)
                into[i] = (float)doubles[i];
            return;
        }

        var floats = values.GetTensorDataAsSpan<float>();
        CheckLength(_outputs[^1], floats.Length, into.Length);
        floats.CopyTo(into);
    }

    private static string[] Texts<T>(OrtValue numbers)
        where T : unmanaged, IFormattable => [.. numbers.GetTensorDataAsSpan<T>().ToArray().Select(number => number.ToString(null, CultureInfo.InvariantCulture))];

    private static void CheckLength(string output, int found, int expected)
    {
        if (found != expected)
            throw Fault.Invalid("model", $"output '{output}' has {found} elements; by the signature it has {expected}");
    }
}
