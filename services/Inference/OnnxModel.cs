using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>An ONNX model in ONNX Runtime: its facts, and running it. Running is safe from many threads at once.</summary>
public sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession _session;
    // What goes wrong comes back as an exception; ONNX Runtime need not write it to the console as well.
    private readonly RunOptions _runOptions = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly FrozenDictionary<string, int> _inputIndex;
    private readonly FrozenDictionary<string, int> _outputIndex;
    private readonly InputTensor[]? _madeRow;

    private OnnxModel(InferenceSession session)
    {
        _session = session;
        Inputs = TensorFact.From(session.InputMetadata);
        Outputs = TensorFact.From(session.OutputMetadata);
        if (Inputs.Length < session.InputMetadata.Count)
            throw Fault.Invalid("", "the model takes an input that is not a tensor, which the protocol cannot carry");
        SharedDimensions = SharedDimension.Among(Inputs);
        _inputNames = [.. Inputs.Select(input => input.Name)];
        AllOutputs = [.. Enumerable.Range(0, Outputs.Length)];
        _outputNames = [.. Outputs.Select(output => output.Name)];
        _inputIndex = Enumerable.Range(0, _inputNames.Length).ToFrozenDictionary(index => _inputNames[index]);
        _outputIndex = Enumerable.Range(0, _outputNames.Length).ToFrozenDictionary(index => _outputNames[index]);
        _madeRow = MadeRow.For(Inputs);
    }

    /// <summary>In the model's order.</summary>
    public ImmutableArray<TensorFact> Inputs { get; }

    /// <summary>In the model's order.</summary>
    public ImmutableArray<TensorFact> Outputs { get; }

    /// <summary>The place of every output.</summary>
    public int[] AllOutputs { get; }

    /// <summary>Dimensions of the inputs that must be equal.</summary>
    public ImmutableArray<SharedDimension> SharedDimensions { get; }

    /// <summary>Loads a model from the bytes of an ONNX file.</summary>
    /// <exception cref="Fault">The bytes are no model that can be served.</exception>
    public static OnnxModel Load(byte[] bytes)
    {
        var session = Open(bytes);
        try
        {
            return new OnnxModel(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>The input's place in <see cref="Inputs"/>, or −1.</summary>
    public int FindInput(string name) => _inputIndex.GetValueOrDefault(name, -1);

    /// <summary>The output's place in <see cref="Outputs"/>, or −1.</summary>
    public int FindOutput(string name) => _outputIndex.GetValueOrDefault(name, -1);

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">Checked, and in the order of <see cref="Inputs"/>.</param>
    /// <param name="outputs">Which of <see cref="Outputs"/> to compute.</param>
    /// <exception cref="OnnxRuntimeException">An operator could not take these values.</exception>
    public OutputTensor[] Run(InputTensor[] inputs, int[] outputs)
    {
        var values = new OrtValue[inputs.Length];
        try
        {
            for (var index = 0; index < inputs.Length; index++)
                values[index] = OrtTensor.Make(Inputs[index].Datatype, inputs[index]);
            using var results = _session.Run(_runOptions, _inputNames, values, NamesOf(outputs));
            var answer = new OutputTensor[outputs.Length];
            for (var index = 0; index < answer.Length; index++)
                answer[index] = OrtTensor.Read(_outputNames[outputs[index]], results[index]);
            return answer;
        }
        finally
        {
            foreach (var value in values)
                value?.Dispose();
        }
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
                Run(_madeRow, AllOutputs);
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
        _runOptions.Dispose();
        _session.Dispose();
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

    private static InferenceSession Open(byte[] bytes)
    {
        using var options = OnnxSessions.Options();
        try
        {
            return new InferenceSession(bytes, options);
        }
        catch (OnnxRuntimeException failure)
        {
            throw Fault.Invalid("", $"not a model that ONNX Runtime can load: {failure.Message}");
        }
    }
}
