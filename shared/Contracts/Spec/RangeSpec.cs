using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>What a setting may be in a search.</summary>
[JsonDerivedType(typeof(NumberRangeSpec))]
[JsonDerivedType(typeof(ChoiceSpec))]
public abstract record RangeSpec
{
    /// <summary>How many settings there are; null where there is no end of them.</summary>
    [JsonIgnore]
    public abstract long? Count { get; }

    /// <summary>The settings that are tried on the spec at once, each with what it is called in a problem: if a spec takes these, it takes those between.</summary>
    internal abstract IEnumerable<(string Field, JsonElement Setting)> Ends { get; }

    internal static RangeSpec Read(SpecReader reader)
    {
        RangeSpec spec = reader.Has("values") ? ChoiceSpec.Read(reader) : NumberRangeSpec.Read(reader);
        reader.End();
        return spec;
    }
}

/// <summary>How a range is divided: where a proposal by chance is as likely as elsewhere.</summary>
public enum RangeScale
{
    /// <summary>Equal differences are alike.</summary>
    Linear,

    /// <summary>Equal ratios are alike.</summary>
    Log,
}

/// <summary>Numbers from one to another, both included.</summary>
public sealed record NumberRangeSpec : RangeSpec
{
    /// <summary>The smallest.</summary>
    public required double Min { get; init; }

    /// <summary>The largest, above <see cref="Min"/>.</summary>
    public required double Max { get; init; }

    /// <summary>How it is divided; logarithmic only above 0.</summary>
    public RangeScale Scale { get; init; }

    /// <summary>Whether whole numbers alone are meant.</summary>
    [JsonPropertyName("integer")]
    public bool IsInteger { get; init; }

    /// <summary>Of <see cref="SearchMethod.Grid"/>: numbers that are tried, at equal distances on the scale; null for every whole number.</summary>
    public int? Points { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override long? Count => Points is not null ? Grid.Count : IsInteger ? (long)Max - (long)Min + 1 : null;

    /// <summary>The numbers of a grid, rising; empty where there is no end of them.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Grid => Points is { } points
        ? [.. Enumerable.Range(0, points).Select(point => At((double)point / (points - 1))).Distinct()]
        : IsInteger ? [.. Enumerable.Range(0, (int)Math.Min(Max - Min + 1, SearchSpec.MostTrials + 1)).Select(step => Min + step)] : [];

    internal override IEnumerable<(string Field, JsonElement Setting)> Ends => [("min", Setting(Min)), ("max", Setting(Max))];

    /// <summary>A number as it stands in a spec's JSON.</summary>
    public JsonElement Setting(double number) => IsInteger ? JsonSerializer.SerializeToElement((long)number) : JsonSerializer.SerializeToElement(number);

    /// <summary>A number of the range: whole if that is asked for, else of six digits, so that no machine's last bit decides.</summary>
    /// <param name="exact">Any number.</param>
    public double Nearest(double exact) =>
        Math.Clamp(IsInteger ? Math.Round(exact) : double.Parse(exact.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), Min, Max);

    private double At(double share) =>
        share == 0 ? Min : share == 1 ? Max : Nearest(Scale == RangeScale.Log ? Min * Math.Pow(Max / Min, share) : Min + (share * (Max - Min)));

    internal static new NumberRangeSpec Read(SpecReader reader)
    {
        foreach (var end in new[] { "min", "max" })
            if (!reader.Has(end))
                reader.Report(end, "missing; min and max are accepted, or values");
        var spec = new NumberRangeSpec
        {
            Min = reader.Number("min", 0, double.NegativeInfinity, double.PositiveInfinity),
            Max = reader.Number("max", 1, double.NegativeInfinity, double.PositiveInfinity),
            Scale = reader.Choice("scale", RangeScale.Linear),
            IsInteger = reader.Flag("integer", false),
            Points = reader.Has("points") ? reader.Integer("points", 2, 2, SearchSpec.MostTrials) : null,
        };
        if (!reader.Has("min") || !reader.Has("max"))
            return spec;
        if (!(spec.Min < spec.Max))
            reader.Report("max", string.Create(CultureInfo.InvariantCulture, $"{spec.Max} is not accepted with min {spec.Min}; a larger number is"));
        if (spec.Scale == RangeScale.Log && !(spec.Min > 0))
            reader.Report("min", string.Create(CultureInfo.InvariantCulture, $"{spec.Min} is not accepted with scale log; a number above 0 is"));
        foreach (var (name, end) in new[] { ("min", spec.Min), ("max", spec.Max) })
            if (spec.IsInteger && (end != Math.Floor(end) || Math.Abs(end) > int.MaxValue))
                reader.Report(name, string.Create(CultureInfo.InvariantCulture, $"{end} is not accepted with integer true; a whole number from {-int.MaxValue} to {int.MaxValue} is"));
        return spec;
    }
}

/// <summary>One of a list: numbers, texts, or whole parts of a spec, such as models.</summary>
public sealed record ChoiceSpec : RangeSpec
{
    private const int MostValues = 100;

    /// <summary>At least one, no two the same.</summary>
    public required IReadOnlyList<JsonElement> Values { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override long? Count => Values.Count;

    internal override IEnumerable<(string Field, JsonElement Setting)> Ends => Values.Select((value, index) => ($"values[{index}]", value));

    internal static new ChoiceSpec Read(SpecReader reader)
    {
        var spec = new ChoiceSpec { Values = reader.Values("values", MostValues) };
        if (spec.Values.Where((value, index) => spec.Values.Take(index).Any(before => JsonElement.DeepEquals(before, value))).Select(value => value.GetRawText()).FirstOrDefault() is { } twice)
            reader.Report("values", $"{twice} stands twice; each value is accepted once");
        foreach (var name in new[] { "min", "max", "scale", "integer", "points" }.Where(reader.Has))
            reader.Report(name, "not accepted together with values; one of both is");
        return spec;
    }
}
