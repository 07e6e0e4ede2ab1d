using Mlops.Onnx;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Features;

/// <summary><see cref="DateText"/> in a graph: integers until the very end, so that nothing is rounded.</summary>
internal sealed class DateGraph
{
    private const int Numbers = 5;

    private readonly GraphBuilder _graph;
    private readonly string _month, _day, _hour, _days;

    /// <summary>Adds the nodes that read a column of texts, [N, 1].</summary>
    public DateGraph(GraphBuilder graph, string input)
    {
        _graph = graph;
        var numbers = NumbersOf(input);
        var year = Column(numbers, 0);
        (_month, _day) = (Column(numbers, 1), Column(numbers, 2));
        _hour = Clip(Column(numbers, 3), 0, 23);
        _days = DaysOf(year);

        IsThere = graph.Node("And", [
            AtLeast(year, DateText.FirstYear),
            graph.Node("And", [Within(_month, 1, 12), Within(_day, 1, 31)])]);
        var minutes = graph.Node("Add", [graph.Node("Mul", [_hour, Number(60)]), Clip(Column(numbers, 4), 0, 59)]);
        var time = graph.Node("Div", [Float(minutes), graph.Floats("features/minutes", [1440], 1)]);
        Moment = graph.Node("Add", [Float(_days), time]);
    }

    /// <summary>BOOL [N, 1].</summary>
    public string IsThere { get; }

    /// <summary>FP32 [N, 1].</summary>
    public string Moment { get; }

    /// <summary>INT64 [N, 1]: a part's place, from 0.</summary>
    public string Place(string part) => part switch
    {
        "month" => _graph.Node("Sub", [_month, Number(1)]),
        "day" => _graph.Node("Sub", [_day, Number(1)]),
        "weekday" => _graph.Node("Mod", [_graph.Node("Add", [_days, Number(4)]), Number(7)]),
        _ => _hour,
    };

    // A text may hold fewer numbers than are looked at, and every text of a batch none at all.
    private string NumbersOf(string input)
    {
        var texts = _graph.Node("Reshape", [input, _graph.Integers("features/rows", -1)]);
        var tokens = _graph.Tokens(texts, "[0-9]{1,4}", padding: "-1");
        var numbers = _graph.Cast(tokens, DataType.Int64);
        return _graph.Node("Pad", [numbers, _graph.Integers("features/pads", 0, 0, 0, Numbers), Number(-1)]);
    }

    private string DaysOf(string year)
    {
        var isEarly = Within(_month, 1, 2);
        year = _graph.Node("Sub", [year, Int64(isEarly)]);
        var month = _graph.Node("Add", [_month, _graph.Node("Where", [isEarly, Number(9), Number(-3)])]);
        var dayOfYear = Sum(Over(_graph.Node("Add", [_graph.Node("Mul", [month, Number(153)]), Number(2)]), 5), _day);
        var leap = Sum(Over(year, 4), _graph.Node("Sub", [Over(year, 400), Over(year, 100)]));
        return Sum(Sum(_graph.Node("Mul", [year, Number(365)]), leap), _graph.Node("Sub", [dayOfYear, Number(719_469)]));
    }

    private string Column(string numbers, int index) => _graph.Node("Gather", [numbers, Number(index)], GraphBuilder.Attribute("axis", 1L));

    private string Within(string value, long min, long max) => _graph.Node("And", [AtLeast(value, min), _graph.Node("LessOrEqual", [value, Number(max)])]);

    private string AtLeast(string value, long min) => _graph.Node("GreaterOrEqual", [value, Number(min)]);

    private string Clip(string value, long min, long max) => _graph.Node("Min", [_graph.Node("Max", [value, Number(min)]), Number(max)]);

    private string Over(string value, long divisor) => _graph.Node("Div", [value, Number(divisor)]);

    private string Sum(string a, string b) => _graph.Node("Add", [a, b]);

    private string Float(string value) => _graph.Cast(value, DataType.Float);

    private string Int64(string value) => _graph.Cast(value, DataType.Int64);

    private string Number(long value) => _graph.Integers("features/number", value);
}
