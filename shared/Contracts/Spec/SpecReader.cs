using System.Globalization;
using System.Text.Json;

namespace Mlops.Contracts.Spec;

/// <summary>
/// Reads one JSON object of a spec field by field and collects every problem instead of stopping at the first.
/// Each read names the field, so that <see cref="End"/> can tell which fields nobody knows.
/// </summary>
internal sealed class SpecReader
{
    private readonly JsonElement _object;
    private readonly string _path;
    private readonly List<Problem> _problems;
    private readonly List<string> _known = [];

    public SpecReader(JsonElement value, string path, List<Problem> problems)
    {
        _path = path;
        _problems = problems;
        if (value.ValueKind == JsonValueKind.Object)
            _object = value;
        else if (value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
            Report("", $"{Show(value)} is not accepted; an object is");
    }

    public void Report(string field, string message) => _problems.Add(new Problem(PathOf(field), message));

    /// <summary>Whether a problem of the field, or of a part of it, is known.</summary>
    public bool IsReported(string field) => _problems.Any(problem => problem.Field == PathOf(field) || problem.Field.StartsWith($"{PathOf(field)}.", StringComparison.Ordinal));

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>Whether the field is there and null, which switches a part off.</summary>
    public bool IsNull(string name)
    {
        Know(name);
        return _object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;
    }

    public SpecReader Section(string name) => new(Find(name) ?? default, PathOf(name), _problems);

    public IEnumerable<SpecReader> Sections(string name)
    {
        if (Find(name) is not { } value)
            yield break;
        if (value.ValueKind != JsonValueKind.Array)
        {
            Report(name, $"{Show(value)} is not accepted; a list of objects is");
            yield break;
        }
        var index = 0;
        foreach (var item in value.EnumerateArray())
            yield return new SpecReader(item, $"{PathOf(name)}[{index++}]", _problems);
    }

    public string? Text(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Report(name, $"{Show(value)} is not accepted; a text is");
        return null;
    }

    /// <summary>Whether the field holds just this text; nothing is reported.</summary>
    public bool Says(string name, string text) => Find(name) is { ValueKind: JsonValueKind.String } value && value.ValueEquals(text);

    public bool Flag(string name, bool otherwise)
    {
        if (Find(name) is not { } value)
            return otherwise;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Report(name, $"{Show(value)} is not accepted; true or false is");
        return otherwise;
    }

    public int Integer(string name, int otherwise, int min, int max = int.MaxValue)
    {
        if (Find(name) is not { } value)
            return otherwise;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
            return number;
        Report(name, $"{Show(value)} is not accepted; a whole number from {min} to {max} is");
        return otherwise;
    }

    public IReadOnlyList<int> Integers(string name, IReadOnlyList<int> otherwise, int min, int max, int maxCount)
    {
        if (Find(name) is not { } value)
            return otherwise;
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= maxCount)
        {
            var numbers = new List<int>();
            foreach (var item in value.EnumerateArray())
                if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number) && number >= min && number <= max)
                    numbers.Add(number);
            if (numbers.Count == value.GetArrayLength())
                return numbers;
        }
        Report(name, $"{Show(value)} is not accepted; a list of at most {maxCount} whole numbers from {min} to {max} is");
        return otherwise;
    }

    /// <summary>A finite number in [min, max], or in (min, max] or [min, max) where a bound is open.</summary>
    public double Number(string name, double otherwise, double min, double max, bool openMin = false, bool openMax = false)
    {
        if (Find(name) is not { } value)
            return otherwise;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            && (openMin ? number > min : number >= min) && (openMax ? number < max : number <= max))
            return number;
        var low = double.IsNegativeInfinity(min) ? "" : string.Create(CultureInfo.InvariantCulture, $" {(openMin ? "above" : "from")} {min}");
        var high = double.IsPositiveInfinity(max) ? "" : string.Create(CultureInfo.InvariantCulture, $" {(openMax ? "below" : "up to")} {max}");
        Report(name, $"{Show(value)} is not accepted; a number{low}{high} is");
        return otherwise;
    }

    /// <summary>A number, or null where the field is not there.</summary>
    public double? OptionalNumber(string name) =>
        Has(name) ? Number(name, double.NaN, double.NegativeInfinity, double.PositiveInfinity) : null;

    public T Choice<T>(string name, T otherwise)
        where T : struct, Enum
    {
        var choices = Enum.GetValues<T>().ToDictionary(SpecJson.NameOf);
        return choices.TryGetValue(OneOf(name, SpecJson.NameOf(otherwise), [.. choices.Keys]), out var choice) ? choice : otherwise;
    }

    public string OneOf(string name, string otherwise, IReadOnlyList<string> accepted)
    {
        if (Find(name) is not { } value)
            return otherwise;
        if (value.ValueKind == JsonValueKind.String && accepted.Contains(value.GetString()!))
            return value.GetString()!;
        Report(name, $"{Show(value)} is not accepted; one of {string.Join(", ", accepted)} is");
        return otherwise;
    }

    /// <summary>A list of texts; a single text counts as a list of one.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return [value.GetString()!];
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        Report(name, $"{Show(value)} is not accepted; a text or a list of texts is");
        return null;
    }

    /// <summary>A list of at least one value of any kind, which outlive the document.</summary>
    public IReadOnlyList<JsonElement> Values(string name, int maxCount)
    {
        if (Find(name) is { ValueKind: JsonValueKind.Array } value && value.GetArrayLength() >= 1 && value.GetArrayLength() <= maxCount)
            return [.. value.EnumerateArray().Select(item => item.Clone())];
        Report(name, $"{Show(Find(name) ?? default)} is not accepted; a list of 1 to {maxCount} values is");
        return [];
    }

    /// <summary>The fields of an object whose names are the user's own, such as column names.</summary>
    public IEnumerable<string> OwnNames() =>
        _object.ValueKind == JsonValueKind.Object ? _object.EnumerateObject().Select(property => property.Name) : [];

    /// <summary>Reports the fields that no read asked for.</summary>
    public void End()
    {
        if (_object.ValueKind != JsonValueKind.Object)
            return;
        foreach (var property in _object.EnumerateObject())
            if (!_known.Contains(property.Name))
                Report(property.Name, $"unknown field; accepted here: {string.Join(", ", _known)}");
    }

    private JsonElement? Find(string name)
    {
        Know(name);
        return _object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
    }

    private void Know(string name)
    {
        if (!_known.Contains(name))
            _known.Add(name);
    }

    private string PathOf(string field) =>
        (_path, field) switch { ("", _) => field, (_, "") => _path, _ => $"{_path}.{field}" };

    private static string Show(JsonElement value)
    {
        const int Longest = 60;
        var text = value.GetRawText();
        return text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");
    }
}
