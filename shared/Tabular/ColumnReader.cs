using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>
/// Takes a column's cells one by one and types it at the end. Each different text is kept, checked and parsed once, and
/// a cell is an index to it. Only numbers can be many without being texts of a set, so a column that is declared
/// numeric, or that has shown <see cref="EnoughNumbers"/> different numbers and nothing else, keeps numbers alone.
/// </summary>
internal sealed class ColumnReader
{
    /// <summary>After so many different numbers a text is a mistake rather than a sign that the column holds texts.</summary>
    public const int EnoughNumbers = 4_096;

    /// <summary>With this share of numbers, a text is a mistake as well.</summary>
    private const double MostlyNumbers = 0.9;

    private const int Missing = -1;

    private readonly string _name;
    private readonly ColumnUse? _use;
    private readonly int _maxFieldLength;
    private readonly TextBudget _budget;

    private readonly Dictionary<string, int> _codeOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _codeOfSpan;
    private readonly List<string> _texts = [];
    private readonly List<double> _numbers = [];
    private List<int> _codes = [];
    private (string Text, long Row)? _firstText;

    // Not null once the column keeps numbers alone.
    private List<double>? _values;

    public ColumnReader(string name, ColumnUse? use, int maxFieldLength, TextBudget budget)
    {
        (_name, _use, _maxFieldLength, _budget) = (name, use, maxFieldLength, budget);
        _codeOfSpan = _codeOf.GetAlternateLookup<ReadOnlySpan<char>>();
        if (use == ColumnUse.Numeric)
            _values = [];
        budget.Share(this);
    }

    /// <summary>Takes the next cell.</summary>
    /// <param name="cell">Its text, quotes undone.</param>
    /// <param name="row">1-based, for faults.</param>
    public void Add(ReadOnlySpan<char> cell, long row)
    {
        if (_values is null && _codeOfSpan.TryGetValue(cell, out var code))
            _codes.Add(code);
        else if (_values is not null && NumberText.TryParse(cell, out var number))
            _values.Add(number);
        else
            AddNew(cell, row);
    }

    /// <summary>Lets go of the texts of a column that has shown nothing but numbers.</summary>
    public void KeepNumbersIfOnlyNumbers()
    {
        if (_values is not null || _use is not null || _firstText is not null)
            return;
        _values = [.. ValuesOfCodes()];
        _budget.GiveBack(_texts.Count);
        _codeOf.Clear();
        _codeOf.TrimExcess();
        _codes = [];
        _texts.Clear();
        _numbers.Clear();
    }

    /// <summary>The typed column, or null and a problem where its cells do not go together.</summary>
    public Column? Finish(List<Problem> problems)
    {
        if (_values is not null)
            return new NumericColumn(_name, [.. _values]);
        if (_use is null && _firstText is null)
            return new NumericColumn(_name, ValuesOfCodes());
        if (_use is null && _firstText is { } first && NumbersAmongThem() is var (numbers, all) && numbers >= MostlyNumbers * all)
        {
            problems.Add(new Problem(_name, $"{Quoted.Text(first.Text)} is not a finite number, as {numbers} of the column's {all} values are; {Accepted()}", first.Row));
            return null;
        }
        return SortedLevels();
    }

    private void AddNew(ReadOnlySpan<char> cell, long row)
    {
        RequireText(cell, row);
        if (MissingText.Is(cell))
        {
            _values?.Add(double.NaN);
            if (_values is null && _codeOf.TryAdd(cell.ToString(), Missing))
                _codes.Add(Missing);
        }
        else if (_values is not null)
            throw NotANumber(cell, row);
        else
            AddText(cell.ToString(), row);
    }

    private void AddText(string text, long row)
    {
        var isNumber = NumberText.TryParse(text, out var number);
        if (!isNumber)
            _firstText ??= (text, row);
        if (_texts.Count >= EnoughNumbers)
            KeepNumbersIfOnlyNumbers();
        if (_values is null)
            _budget.MakeRoom(_name, row);
        if (_values is not null)
        {
            _values.Add(number);
            return;
        }
        _budget.Take();
        _codes.Add(_texts.Count);
        _codeOf.Add(text, _texts.Count);
        _texts.Add(text);
        _numbers.Add(isNumber ? number : double.NaN);
    }

    private void RequireText(ReadOnlySpan<char> cell, long row)
    {
        if (cell.Length > _maxFieldLength)
            throw Fault.Invalid(_name, $"a field of {cell.Length} characters; at most {_maxFieldLength} are accepted", row);
        if (cell.Contains(CsvDialect.NotUtf8))
            throw Fault.Invalid(_name, $"{Quoted.Text(cell)} is not UTF-8; UTF-8 text is accepted", row);
        if (cell.Contains('\0'))
            throw Fault.Invalid(_name, $"{Quoted.Text(cell)} holds a NUL character; text is accepted", row);
    }

    private Fault NotANumber(ReadOnlySpan<char> cell, long row) => Fault.Invalid(_name,
        $"{Quoted.Text(cell)} is not a finite number, {(_use == ColumnUse.Numeric ? "as the column is declared to hold" : "as all values before it are")}; {Accepted()}", row);

    private string Accepted() => _use == ColumnUse.Numeric
        ? "a number, or an empty field where it is missing, is accepted"
        : $"a number, or an empty field where it is missing, is accepted; if the column holds texts, set columns.{_name} to categorical";

    private double[] ValuesOfCodes()
    {
        var values = new double[_codes.Count];
        for (var row = 0; row < values.Length; row++)
            values[row] = _codes[row] == Missing ? double.NaN : _numbers[_codes[row]];
        return values;
    }

    private (int Numbers, int All) NumbersAmongThem()
    {
        var (numbers, all) = (0, 0);
        foreach (var code in _codes)
        {
            all += code == Missing ? 0 : 1;
            numbers += code == Missing || double.IsNaN(_numbers[code]) ? 0 : 1;
        }
        return (numbers, all);
    }

    private CategoricalColumn SortedLevels()
    {
        var order = Enumerable.Range(0, _texts.Count).ToArray();
        Array.Sort(order, (a, b) => string.CompareOrdinal(_texts[a], _texts[b]));
        var rank = new int[order.Length];
        for (var level = 0; level < order.Length; level++)
            rank[order[level]] = level;
        var codes = new int[_codes.Count];
        for (var row = 0; row < codes.Length; row++)
            codes[row] = _codes[row] == Missing ? Missing : rank[_codes[row]];
        return new CategoricalColumn(_name, codes, Array.ConvertAll(order, level => _texts[level]));
    }
}
