using System.Collections.Frozen;
using System.Globalization;

namespace Mlops.Tabular;

/// <summary>Which numbers of a table a tensor of a datatype holds. Fractions of floating-point types are rounded to the nearest.</summary>
public sealed class NumberDatatype
{
    private static readonly FrozenDictionary<string, NumberDatatype> ByName = new NumberDatatype[]
    {
        new("BOOL", 0, 1),
        new("INT8", sbyte.MinValue, sbyte.MaxValue),
        new("INT16", short.MinValue, short.MaxValue),
        new("INT32", int.MinValue, int.MaxValue),
        // The largest double below 2⁶³, and below 2⁶⁴.
        new("INT64", long.MinValue, 9223372036854774784),
        new("UINT8", 0, byte.MaxValue),
        new("UINT16", 0, ushort.MaxValue),
        new("UINT32", 0, uint.MaxValue),
        new("UINT64", 0, 18446744073709549568),
        new("FP16", -65504, 65504, isWhole: false),
        new("FP32", -float.MaxValue, float.MaxValue, isWhole: false),
        new("FP64", -double.MaxValue, double.MaxValue, isWhole: false),
    }.ToFrozenDictionary(datatype => datatype.Name);

    private readonly double _min;
    private readonly double _max;
    private readonly bool _isWhole;

    private NumberDatatype(string name, double min, double max, bool isWhole = true) => (Name, _min, _max, _isWhole) = (name, min, max, isWhole);

    /// <summary>Every name, for error messages.</summary>
    public static string Names { get; } = string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal));

    /// <summary>The protocol's name.</summary>
    public string Name { get; }

    /// <summary>The numeric datatype of the protocol that has this name; null where a table's numbers fill none of it (BF16, BYTES).</summary>
    public static NumberDatatype? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Why a column cannot be held: its first number that does not fit, with its row, counted from 1. Null where all fit.</summary>
    public string? WhyNot(NumericColumn column)
    {
        for (var row = 0; row < column.Count; row++)
        {
            if (!Fits(column.Values[row]))
                return string.Create(CultureInfo.InvariantCulture, $"row {row + 1}: {(column.IsMissing(row) ? "a missing number" : column.Values[row])}; {Accepted} are accepted");
        }
        return null;
    }

    // A missing number is NaN, which whole numbers do not have.
    private bool Fits(double value) => _isWhole ? value >= _min && value <= _max && Math.Floor(value) == value : !(value < _min || value > _max);

    private string Accepted => string.Create(CultureInfo.InvariantCulture, $"{(_isWhole ? "whole numbers" : "numbers")} from {_min:R} to {_max:R} ({Name})");
}
