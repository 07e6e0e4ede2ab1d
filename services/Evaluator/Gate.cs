using System.Globalization;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;

namespace Mlops.Evaluator;

/// <summary>Judges metrics by the spec's gates.</summary>
public static class Gate
{
    /// <summary>A verdict for each gate, in their order. A metric that is missing or not finite meets none.</summary>
    public static IReadOnlyList<GateVerdict> Judge(IReadOnlyList<GateSpec> gates, IReadOnlyDictionary<string, double> metrics) =>
        [.. gates.Select(gate => Judge(gate, metrics.TryGetValue(gate.Metric, out var value) ? value : null))];

    private static GateVerdict Judge(GateSpec gate, double? measured)
    {
        var value = measured ?? double.NaN;
        var passed = double.IsFinite(value) && !(value < gate.Min) && !(value > gate.Max);
        return new GateVerdict { Metric = gate.Metric, Value = value, Passed = passed, Reason = Reason(gate, measured) };
    }

    private static string Reason(GateSpec gate, double? measured)
    {
        if (measured is not { } value)
            return $"{gate.Metric} was not measured; the gate asks for {Bounds(gate)}";
        if (!double.IsFinite(value))
            return $"{gate.Metric} is {Text(value)}, which meets no gate; this one asks for {Bounds(gate)}";
        if (value < gate.Min)
            return $"{gate.Metric} {Text(value, gate.Min)} is below the gate's minimum {Text(gate.Min.Value)}";
        if (value > gate.Max)
            return $"{gate.Metric} {Text(value, gate.Max)} is above the gate's maximum {Text(gate.Max.Value)}";
        return $"{gate.Metric} {Text(value)} meets the gate's {Bounds(gate)}";
    }

    private static string Bounds(GateSpec gate) => gate switch
    {
        { Min: { } min, Max: { } max } => $"minimum {Text(min)} and maximum {Text(max)}",
        { Max: { } max } => $"maximum {Text(max)}",
        _ => $"minimum {Text(gate.Min ?? double.NaN)}",
    };

    /// <summary>Rounded for reading, but never to the bound that it misses.</summary>
    private static string Text(double value, double? bound)
    {
        var rounded = value.ToString("G5", CultureInfo.InvariantCulture);
        return double.Parse(rounded, CultureInfo.InvariantCulture) == bound ? value.ToString("R", CultureInfo.InvariantCulture) : rounded;
    }

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
