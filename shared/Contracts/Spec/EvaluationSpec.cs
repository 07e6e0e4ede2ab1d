namespace Mlops.Contracts.Spec;

/// <summary>What a model must reach on the test rows to go on.</summary>
public sealed record EvaluationSpec
{
    /// <summary>All of them must be met.</summary>
    public IReadOnlyList<GateSpec> Gates { get; init; } = [];

    internal static EvaluationSpec Read(SpecReader reader, TaskKind task)
    {
        var spec = new EvaluationSpec { Gates = [.. reader.Sections("gates").Select(gate => GateSpec.Read(gate, task))] };
        reader.End();
        return spec;
    }
}

/// <summary>One bound on one metric.</summary>
public sealed record GateSpec
{
    /// <summary>One of <see cref="MetricNames"/> that suits the task.</summary>
    public required string Metric { get; init; }

    /// <summary>At least this, if given.</summary>
    public double? Min { get; init; }

    /// <summary>At most this, if given.</summary>
    public double? Max { get; init; }

    internal static GateSpec Read(SpecReader reader, TaskKind task)
    {
        var accepted = MetricNames.For(task);
        if (!reader.Has("metric"))
            reader.Report("metric", $"missing; one of {string.Join(", ", accepted)} is accepted");
        var gate = new GateSpec
        {
            Metric = reader.OneOf("metric", accepted[0], accepted),
            Min = reader.OptionalNumber("min"),
            Max = reader.OptionalNumber("max"),
        };
        if (gate is { Min: null, Max: null })
            reader.Report("", "neither min nor max; at least one is accepted");
        if (gate.Min > gate.Max)
            reader.Report("min", FormattableString.Invariant($"{gate.Min} is above max {gate.Max}; no value can meet both"));
        reader.End();
        return gate;
    }
}
