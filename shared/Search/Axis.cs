using System.Text.Json;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Search;

/// <summary>A range as a line of positions: numbers on their scale, or the places of a list.</summary>
internal abstract class Axis
{
    public static Axis Of(RangeSpec range) => range is NumberRangeSpec numbers ? new NumberAxis(numbers) : new ChoiceAxis((ChoiceSpec)range);

    /// <summary>A position by chance.</summary>
    public abstract double Draw(SeededRandom random);

    public abstract JsonElement Setting(double position);

    public abstract double PositionOf(JsonElement setting);

    /// <summary>How likely positions are where these have been found.</summary>
    public abstract IEstimate EstimateFrom(IReadOnlyList<double> positions);
}

/// <summary>How likely positions are.</summary>
internal interface IEstimate
{
    /// <summary>One of them, as likely as it is.</summary>
    double Draw(SeededRandom random);

    /// <summary>The logarithm of a position's density, or of its probability where there is a position beside it.</summary>
    double LogDensity(double position);
}

internal sealed class NumberAxis(NumberRangeSpec range) : Axis
{
    // Each whole number has the same room about it, those at the ends too.
    private readonly double _low = Position(range, range.Min - (range.IsInteger ? 0.5 : 0));
    private readonly double _high = Position(range, range.Max + (range.IsInteger ? 0.5 : 0));

    public override double Draw(SeededRandom random) => Nearest(_low + (random.NextDouble() * (_high - _low)));

    public override JsonElement Setting(double position) => range.Setting(NumberAt(position));

    public override double PositionOf(JsonElement setting) => Position(range, setting.GetDouble());

    public override IEstimate EstimateFrom(IReadOnlyList<double> positions) => new ParzenEstimate(positions, _low, _high, range.IsInteger ? CellOf : null, Nearest);

    private double Nearest(double position) => Position(range, NumberAt(position));

    private (double From, double To) CellOf(double position)
    {
        var number = NumberAt(position);
        return (Position(range, number - 0.5), Position(range, number + 0.5));
    }

    private double NumberAt(double position) => range.Nearest(range.Scale == RangeScale.Log ? Math.Exp(position) : position);

    private static double Position(NumberRangeSpec range, double number) => range.Scale == RangeScale.Log ? Math.Log(number) : number;
}

internal sealed class ChoiceAxis(ChoiceSpec range) : Axis
{
    public override double Draw(SeededRandom random) => random.NextInt(range.Values.Count);

    public override JsonElement Setting(double position) => range.Values[(int)position];

    public override double PositionOf(JsonElement setting) => range.Values.Index().First(value => JsonElement.DeepEquals(value.Item, setting)).Index;

    public override IEstimate EstimateFrom(IReadOnlyList<double> positions) => new ChoiceEstimate(positions, range.Values.Count);
}
