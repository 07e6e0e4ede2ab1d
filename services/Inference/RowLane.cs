using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace Mlops.Inference;

/// <summary>
/// Memory that one run of a model at a time uses again and again: rows are put into it, the model runs, rows are taken out.
/// ONNX Runtime is bound to it once for each number of rows, so that a run neither allocates nor looks up a name.
/// </summary>
internal sealed class RowLane : IDisposable
{
    private readonly OnnxModel _model;
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions;
    private readonly RowLayout _layout;
    private readonly PinnedMemory[] _inputs;
    private readonly PinnedMemory[] _outputs;
    private readonly RowBinding?[] _bindings;
    private readonly long[][]?[] _shapes;
    private RowBinding _current;

    public RowLane(OnnxModel model, InferenceSession session, RunOptions runOptions, RowLayout layout, int capacity)
    {
        (_model, _session, _runOptions, _layout) = (model, session, runOptions, layout);
        _inputs = [.. layout.Inputs.Select(size => new PinnedMemory(size * capacity))];
        _outputs = [.. layout.Outputs.Select(size => new PinnedMemory(size * capacity))];
        _bindings = new RowBinding?[capacity + 1];
        _shapes = new long[capacity + 1][][];
        _current = Bind(1);
    }

    /// <summary>The next run is of so many rows.</summary>
    public void Begin(int rows) => _current = Bind(rows);

    /// <summary>Puts a caller's rows where the run takes them from.</summary>
    /// <param name="firstRow">Where they begin.</param>
    /// <param name="inputs">Checked, and in the model's order.</param>
    public void Put(int firstRow, InputTensor[] inputs)
    {
        for (var index = 0; index < inputs.Length; index++)
        {
            var contents = inputs[index].Contents.Span;
            if (!_model.Inputs[index].Datatype.IsBytes)
            {
                contents.CopyTo(_inputs[index].Span[(firstRow * _layout.Inputs[index])..]);
                continue;
            }

            for (var element = firstRow * _layout.Inputs[index]; !contents.IsEmpty; element++)
                _current.Inputs[index].StringTensorSetElementAt(BytesTensor.Take(ref contents), element);
        }
    }

    /// <exception cref="OnnxRuntimeException">An operator could not take these values, or the model gives other rows than it says.</exception>
    public void Run() => _session.RunWithBinding(_runOptions, _current.Binding);

    /// <summary>Copies a caller's rows of the outputs.</summary>
    /// <param name="firstRow">Where they begin.</param>
    /// <param name="rows">How many.</param>
    /// <param name="outputs">Which outputs, in the caller's order.</param>
    public ModelAnswer Take(int firstRow, int rows, int[] outputs)
    {
        long size = 0;
        foreach (var output in outputs)
            size += Size(output, firstRow, rows);
        var rented = ArrayPool<byte>.Shared.Rent(checked((int)size));
        var (tensors, at) = (new OutputTensor[outputs.Length], 0);
        for (var index = 0; index < tensors.Length; index++)
        {
            var length = Copy(outputs[index], firstRow, rows, rented.AsSpan(at));
            var fact = _model.Outputs[outputs[index]];
            tensors[index] = new OutputTensor(fact.Name, fact.Datatype, Shapes(rows)[outputs[index]], rented.AsMemory(at, length));
            at += length;
        }

        return new ModelAnswer(tensors, rented);
    }

    public void Dispose()
    {
        foreach (var binding in _bindings)
            binding?.Dispose();
    }

    /// <summary>The outputs' shapes, shared by all answers of so many rows.</summary>
    private long[][] Shapes(int rows) => _shapes[rows] ??= MakeShapes(rows);

    private long[][] MakeShapes(int rows) => [.. _model.Outputs.Select(output => RowBinding.Shape(output, rows))];

    private RowBinding Bind(int rows) => _bindings[rows] ??= new RowBinding(_model, _session, rows, _inputs, _outputs);

    private long Size(int output, int firstRow, int rows)
    {
        var (width, size) = (_layout.Outputs[output], 0L);
        if (!_model.Outputs[output].Datatype.IsBytes)
            return (long)rows * width;
        for (var element = firstRow * width; element < (firstRow + rows) * width; element++)
            size += BytesTensor.Size(_current.Outputs[output].GetStringElementAsSpan(element).Length);
        return size;
    }

    private int Copy(int output, int firstRow, int rows, Span<byte> destination)
    {
        var width = _layout.Outputs[output];
        if (!_model.Outputs[output].Datatype.IsBytes)
        {
            _outputs[output].Span.Slice(firstRow * width, rows * width).CopyTo(destination);
            return rows * width;
        }

        var rest = destination;
        for (var element = firstRow * width; element < (firstRow + rows) * width; element++)
            BytesTensor.Put(ref rest, _current.Outputs[output].GetStringElementAsSpan(element));
        return destination.Length - rest.Length;
    }
}
