using Mlops.Onnx;
using Mlops.Onnx.Format;
using static Mlops.Onnx.GraphBuilder;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx.Rows;

/// <summary>
/// A chain of operators with axes and shapes at random, those that reach the batch's axis among them. It keeps count of the
/// row's shape as if no step had; what the analysis proves must then run.
/// </summary>
internal sealed class RandomGraph
{
    private readonly Random _random;
    private readonly long _opset;
    private readonly GraphBuilder _graph = new();
    private readonly string _other;
    private readonly List<string> _steps = [];

    private string _value;
    private long[] _row;

    private RandomGraph(int seed)
    {
        _random = new Random(seed);
        _opset = Pick<long>(11, 12, 13, 17, 18, 21);
        _row = Pick<long[]>([3], [4], [2, 3], [1, 4], [2, 2, 3], []);
        (_value, _other) = (_graph.X(_row), _graph.Z(_row));
    }

    private int Rank => _row.Length + 1;

    /// <summary>The graph, and its operators in order.</summary>
    public static (ModelProto Model, string Steps) Make(int seed)
    {
        var random = new RandomGraph(seed);
        for (var step = random._random.Next(1, 5); step > 0; step--)
            random.Step();
        return (RowGraphs.Model(_ => random._value, opset: random._opset, graph: random._graph), string.Join(" → ", random._steps));
    }

    private void Step()
    {
        Action step = Pick<Action>(
            Unary, Constant, Constant, Other, Softmax, Reduce, ArgMax, Transpose, Reshape, Reshape, Flatten, Squeeze, Unsqueeze,
            Concat, Slice, Gather, MatMul, MatMul, Gemm, CumSum, Pad, Tile, Expand, Quantize, OneHot);
        step();
    }

    private void Unary() => To(Pick("Relu", "Neg", "Abs", "Tanh", "Sigmoid"), [_value]);

    private void Constant()
    {
        long[] shape = Pick<long[]>([], [.. _row.TakeLast(1)], _row, [1, .. _row], [2, .. _row], [1, 1, .. _row], [3], [1, 3]);
        var constant = _graph.C(shape);
        To(Pick("Add", "Mul", "Max"), _random.Next(2) == 0 ? [_value, constant] : [constant, _value], Overlay(_row, shape.Length == Rank ? shape[1..] : shape));
    }

    private void Other() => To(Pick("Add", "Sub"), [_value, _other]);

    private void Softmax() => To(Pick("Softmax", "LogSoftmax"), [_value], _row, Attribute("axis", Axis()));

    private void Reduce()
    {
        var (axis, keep) = (Axis(), _random.Next(2));
        var shape = Without(axis, keep == 1 ? [1] : []);
        if (_opset < 18)
            To(Pick("ReduceMean", "ReduceMax"), [_value], shape, Attribute("axes", [axis]), Attribute("keepdims", keep));
        else
            To("ReduceMax", [_value, _graph.Integers("axes", axis)], shape, Attribute("keepdims", keep));
    }

    private void ArgMax()
    {
        var axis = Axis();
        To("ArgMax", [_value], Without(axis, [1]), Attribute("axis", axis));
        ToFloat();
    }

    private void Transpose()
    {
        long[] permutation = [.. Enumerable.Range(0, Rank).Select(axis => (long)axis)];
        _random.Shuffle(_random.Next(4) == 0 ? permutation : permutation.AsSpan(1));
        To("Transpose", [_value], [.. permutation.Skip(1).Where(axis => axis > 0).Select(axis => _row[axis - 1])], Attribute("perm", permutation));
    }

    private void Reshape()
    {
        var size = _row.Aggregate(1L, (product, length) => product * length);
        var (shape, row) = Pick<(long[], long[])>(
            ([0, -1], [size]), ([-1, size], [size]), ([-1, .. _row.Reverse()], [.. _row.Reverse()]), ([0, 1, .. _row], [1, .. _row]),
            ([-1], []), ([1, -1], [size]), ([-1, 2], [2]), ([-1, 1, size], [1, size]), ([0, size, -1], [size, 1]));
        To("Reshape", [_value, _graph.Integers("shape", shape)], row);
    }

    private void Flatten() => To("Flatten", [_value], [_row.Aggregate(1L, (product, length) => product * length)], Attribute("axis", _random.Next(4) == 0 ? Axis() : 1));

    private void Squeeze()
    {
        var axis = Array.IndexOf(_row, 1) is var one and >= 0 && _random.Next(3) > 0 ? one + 1 : Axis();
        WithAxes("Squeeze", axis, Without(axis, []));
    }

    private void Unsqueeze()
    {
        var axis = _random.Next(-Rank - 1, Rank + 1);
        var counted = axis < 0 ? axis + Rank + 1 : axis;
        WithAxes("Unsqueeze", axis, counted == 0 ? _row : [.. _row[..(counted - 1)], 1, .. _row[(counted - 1)..]]);
    }

    private void Concat()
    {
        var axis = Axis();
        var counted = Counted(axis);
        To("Concat", [_value, Pick(_value, _value, _other, _graph.C([1, .. _row]))], counted == 0 ? _row : Without(axis, [2 * _row[counted - 1]]), Attribute("axis", axis));
    }

    private void Slice()
    {
        var (axis, start, end) = (Axis(), _random.Next(-2, 2), Pick<long>(1, 2, -1, int.MaxValue, long.MaxValue));
        var counted = Counted(axis);
        var length = counted == 0 ? 0 : Enumerable.Range(0, (int)_row[counted - 1]).ToArray()[FromFront(start)..FromFront(end)].Length;
        To("Slice", [_value, _graph.Integers("starts", start), _graph.Integers("ends", end), _graph.Integers("axes", axis)], Without(axis, [length]));

        int FromFront(long index)
        {
            var all = _row[counted - 1];
            return (int)Math.Clamp(index < 0 ? index + all : index, start < 0 && index == end ? Math.Max(0, start + all) : index == end ? Math.Min(all, start) : 0, all);
        }
    }

    private void Gather()
    {
        var axis = Axis();
        To("Gather", [_value, _graph.Integers("places", 0, -1)], Without(axis, [2]), Attribute("axis", axis));
    }

    private void MatMul()
    {
        var (last, first) = (_row.LastOrDefault(1), _row.FirstOrDefault(1));
        if (_random.Next(4) == 0)
        {
            To("MatMul", [_graph.C(Pick<long[]>([2, first], [first], [1, 2, first], [2, 1])), _value], _row.Length < 2 ? _row : [2, .. _row[1..]]);
            return;
        }
        var shape = Pick<long[]>([last, 2], [last], [1, last, 2], [2, last, 2]);
        To("MatMul", [_value, _graph.C(shape)], _row.Length == 0 ? _row : shape.Length == 1 ? _row[..^1] : [.. _row[..^1], 2]);
    }

    private void Gemm() => To(
        "Gemm", [_value, _graph.C(_row.LastOrDefault(1), 2), _graph.C(Pick<long[]>([2], [1, 2], [1], [], [2, 1], [3, 2]))], [2], Attribute("transA", _random.Next(4) == 0 ? 1 : 0));

    private void CumSum() => To("CumSum", [_value, _graph.Integer(Axis())]);

    private void Pad()
    {
        var axis = Counted(Axis());
        var pads = new long[2 * Rank];
        pads[axis + (_random.Next(2) * Rank)] = 1;
        To("Pad", [_value, _graph.Integers("pads", pads)], axis == 0 ? _row : Without(axis, [_row[axis - 1] + 1]));
    }

    private void Tile()
    {
        var axis = Counted(Axis());
        To("Tile", [_value, _graph.Integers("repeats", [.. Enumerable.Range(0, Rank).Select(i => i == axis ? 2L : 1)])], axis == 0 ? _row : Without(axis, [2 * _row[axis - 1]]));
    }

    private void Expand()
    {
        long[] shape = Pick<long[]>(_row, [1, .. _row], [2, .. _row], [1, 1, .. _row], [3]);
        To("Expand", [_value, _graph.Integers("shape", shape)], Overlay(_row, shape.Length == Rank ? shape[1..] : shape));
    }

    private void Quantize()
    {
        var axis = Axis();
        var scale = Counted(axis) > 0 && _random.Next(2) == 0 ? _graph.Scale(_row[Counted(axis) - 1]) : _graph.Scale(Pick<long[]>([], [1], [2]));
        if (_opset >= 13)
            To("QuantizeLinear", [_value, scale], _row, Attribute("axis", axis));
        else
            To("QuantizeLinear", [_value, _graph.Scale()]);
        ToFloat();
    }

    private void OneHot()
    {
        var axis = _random.Next(-Rank - 1, Rank + 1);
        var counted = axis < 0 ? axis + Rank + 1 : axis;
        To("Cast", [_graph.Node("Clip", [_value, _graph.Floats("low", [0]), _graph.Floats("high", [2])])], _row, Attribute("to", (long)DataType.Int64));
        To("OneHot", [_value, _graph.Integer(3), _graph.C(2)], counted == 0 ? _row : [.. _row[..(counted - 1)], 3, .. _row[(counted - 1)..]], Attribute("axis", axis));
    }

    private void WithAxes(string op, long axis, long[] row)
    {
        if (_opset < 13)
            To(op, [_value], row, Attribute("axes", [axis]));
        else
            To(op, [_value, _graph.Integers("axes", axis)], row);
    }

    private void ToFloat() => To("Cast", [_value], _row, Attribute("to", (long)DataType.Float));

    private void To(string op, string[] inputs, long[]? row = null, params AttributeProto[] attributes)
    {
        (_value, _row) = (_graph.Node(op, inputs, attributes), row ?? _row);
        _steps.Add($"{op} [{string.Join(", ", _row)}]");
    }

    private int Axis() => _random.Next(-Rank, Rank);

    private int Counted(int axis) => axis < 0 ? axis + Rank : axis;

    private long[] Without(int axis, long[] instead) => Counted(axis) is var counted and > 0 ? [.. _row[..(counted - 1)], .. instead, .. _row[counted..]] : _row;

    private static long[] Overlay(long[] row, long[] shape) =>
        [.. row.Select((length, axis) => length == 1 && axis >= row.Length - shape.Length ? shape[axis - row.Length + shape.Length] : length)];

    private T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
}
