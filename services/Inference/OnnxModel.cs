using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>An ONNX model in ONNX Runtime: its facts, and running it. Running is safe from many threads at once.</summary>
public sealed class OnnxModel : IDisposable
{
    private const int MostRows = 64;

    private readonly InferenceSession _session;
    // What goes wrong comes back as an exception; ONNX Runtime need not write it to the console as well.
    private readonly RunOptions _runOptions = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly FrozenDictionary<string, int> _inputIndex;
    private readonly FrozenDictionary<string, int> _outputIndex;
    private readonly InputTensor[]? _madeRow;
    private readonly RowLayout? _layout;
    private readonly RowLanes _lanes = new();
    private volatile bool _hasLanes;

    private OnnxModel(OnnxSession opened, string? whyRunsAreNotShared)
    {
        var session = opened.Session;
        (_session, Provider, WhyNotCuda, WhyRunsAreNotShared) = (session, opened.Provider, opened.WhyNotCuda, whyRunsAreNotShared);
        Inputs = ColumnNames.Name(TensorFact.From(session.InputMetadata), session.ModelMetadata.CustomMetadataMap);
        Outputs = TensorFact.From(session.OutputMetadata);
        if (Inputs.Length < session.InputMetadata.Count)
            throw Fault.Invalid("", "the model takes an input that is not a tensor, which the protocol cannot carry");
        SharedDimensions = SharedDimension.Among(Inputs);
        Signature = string.Join("; ", Inputs.Concat(Outputs).Select(tensor => $"{tensor.Name} {tensor.Datatype.Name} {TensorShape.Text(tensor.Shape.AsSpan())} {string.Join(",", tensor.Columns)}"));
        _inputNames = [.. Inputs.Select(input => input.Name)];
        AllOutputs = [.. Enumerable.Range(0, Outputs.Length)];
        _outputNames = [.. Outputs.Select(output => output.Name)];
        _inputIndex = Enumerable.Range(0, _inputNames.Length).ToFrozenDictionary(index => _inputNames[index]);
        _outputIndex = Enumerable.Range(0, _outputNames.Length).ToFrozenDictionary(index => _outputNames[index]);
        _madeRow = MadeRow.For(Inputs);
        _layout = Outputs.Length == session.OutputMetadata.Count ? RowLayout.Of(Inputs, Outputs) : null;
        RowCapacity = _layout?.Capacity(MostRows) ?? 0;
        _hasLanes = _layout is not null;
    }

    /// <summary>In the model's order.</summary>
    public ImmutableArray<TensorFact> Inputs { get; }

    /// <summary>In the model's order.</summary>
    public ImmutableArray<TensorFact> Outputs { get; }

    /// <summary>The place of every output.</summary>
    public int[] AllOutputs { get; }

    /// <summary>Most rows whose memory is kept from one run to the next; 0 for a model whose rows have no known size.</summary>
    public int RowCapacity { get; }

    /// <summary>What it takes and gives, in words: equal where callers cannot tell two models apart by it.</summary>
    public string Signature { get; }

    /// <summary>Why rows of several callers may not run together; null where they may.</summary>
    public string? WhyRunsAreNotShared { get; }

    /// <summary>Dimensions of the inputs that must be equal.</summary>
    public ImmutableArray<SharedDimension> SharedDimensions { get; }

    /// <summary>What runs it.</summary>
    public ExecutionProvider Provider { get; }

    /// <summary>Why it is the processor where a device was looked for; null otherwise.</summary>
    public string? WhyNotCuda { get; }

    /// <summary>Loads a model from the bytes of an ONNX file.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="wanted">What is to run it.</param>
    /// <exception cref="Fault">The bytes are no model that can be served, or there is no such device.</exception>
    public static OnnxModel Load(byte[] bytes, ExecutionProvider wanted = ExecutionProvider.Auto)
    {
        var opened = OnnxSessions.Create(bytes, wanted);
        try
        {
            return new OnnxModel(opened, RowIndependence.WhyNot(OnnxFile.Parse(bytes)));
        }
        catch
        {
            opened.Session.Dispose();
            throw;
        }
    }

    /// <summary>The input's place in <see cref="Inputs"/>, or −1.</summary>
    public int FindInput(string name) => _inputIndex.GetValueOrDefault(name, -1);

    /// <summary>The output's place in <see cref="Outputs"/>, or −1.</summary>
    public int FindOutput(string name) => _outputIndex.GetValueOrDefault(name, -1);

    /// <summary>Runs the model for one caller.</summary>
    /// <param name="request">Checked against this model.</param>
    /// <param name="statistics">Learns of the run; null where it is none of a caller's.</param>
    /// <exception cref="OnnxRuntimeException">An operator could not take these values.</exception>
    public ModelAnswer Run(in CheckedRequest request, ModelStatistics? statistics = null)
    {
        if (!_hasLanes || request.Rows < 1 || request.Rows > RowCapacity)
            return RunOnce(request, statistics);
        try
        {
            var answer = default(ModelAnswer);
            RunInLane(new ReadOnlySpan<CheckedRequest>(in request), new Span<ModelAnswer>(ref answer), statistics);
            return answer;
        }
        catch (OnnxRuntimeException)
        {
            // Either the values are at fault, and this throws as well, or the model gives other rows than it declares.
            var answer = RunOnce(request, statistics);
            _hasLanes = false;
            return answer;
        }
    }

    /// <summary>Runs the model once for several callers.</summary>
    /// <param name="batch">Checked; their rows together are at most <see cref="RowCapacity"/>.</param>
    /// <param name="statistics">Learns of the run.</param>
    /// <returns>Each caller's answer.</returns>
    /// <exception cref="OnnxRuntimeException">An operator could not take somebody's values.</exception>
    public ModelAnswer[] Run(ReadOnlySpan<CheckedRequest> batch, ModelStatistics statistics)
    {
        var answers = new ModelAnswer[batch.Length];
        RunInLane(batch, answers, statistics);
        return answers;
    }

    /// <summary>
    /// Runs one made row: it warms the model up, and tells whether the model is at fault when it could not run a caller's.
    /// True also where no row can be made because more varies than the number of rows.
    /// </summary>
    public bool TryMadeRow(out string reason)
    {
        reason = "";
        try
        {
            if (_madeRow is not null)
                Run(new CheckedRequest(_madeRow, AllOutputs, 1, IsEmpty: false)).Dispose();
            return true;
        }
        catch (OnnxRuntimeException failure)
        {
            reason = failure.Message;
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lanes.Dispose();
        _runOptions.Dispose();
        _session.Dispose();
    }

    private void RunInLane(ReadOnlySpan<CheckedRequest> batch, Span<ModelAnswer> answers, ModelStatistics? statistics)
    {
        var rows = 0;
        foreach (ref readonly var request in batch)
            rows += request.Rows;
        var lane = _lanes.TryTake() ?? new RowLane(this, _session, _runOptions, _layout!, RowCapacity);
        try
        {
            var begun = Stopwatch.GetTimestamp();
            lane.Begin(rows);
            var first = 0;
            foreach (ref readonly var request in batch)
            {
                lane.Put(first, request.Inputs);
                first += request.Rows;
            }

            var put = Stopwatch.GetTimestamp();
            lane.Run();
            var ran = Stopwatch.GetTimestamp();
            first = 0;
            for (var index = 0; index < batch.Length; index++)
            {
                answers[index] = lane.Take(first, batch[index].Rows, batch[index].Outputs);
                first += batch[index].Rows;
            }

            statistics?.Ran(batch.Length, rows, RunTimes.Until(Stopwatch.GetTimestamp(), begun, put, ran));
        }
        finally
        {
            _lanes.Return(lane);
        }
    }

    private ModelAnswer RunOnce(in CheckedRequest request, ModelStatistics? statistics)
    {
        var values = new OrtValue[request.Inputs.Length];
        try
        {
            var begun = Stopwatch.GetTimestamp();
            for (var index = 0; index < values.Length; index++)
                values[index] = OrtTensor.Make(Inputs[index].Datatype, request.Inputs[index]);
            var put = Stopwatch.GetTimestamp();
            using var results = _session.Run(_runOptions, _inputNames, values, NamesOf(request.Outputs));
            var ran = Stopwatch.GetTimestamp();
            var answer = new OutputTensor[request.Outputs.Length];
            for (var index = 0; index < answer.Length; index++)
                answer[index] = OrtTensor.Read(_outputNames[request.Outputs[index]], results[index]);
            statistics?.Ran(1, Math.Max(1, request.Rows), RunTimes.Until(Stopwatch.GetTimestamp(), begun, put, ran));
            return new ModelAnswer(answer, null);
        }
        finally
        {
            foreach (var value in values)
                value?.Dispose();
        }
    }

    private string[] NamesOf(int[] outputs)
    {
        if (ReferenceEquals(outputs, AllOutputs))
            return _outputNames;
        var names = new string[outputs.Length];
        for (var index = 0; index < names.Length; index++)
            names[index] = _outputNames[outputs[index]];
        return names;
    }
}
