using Mlops.Contracts;
using Sylvan.Data.Csv;

namespace Mlops.Tabular;

/// <summary>The first record: a name for each column.</summary>
internal static class CsvHeader
{
    private const int LongestName = 256;
    private const int MostProblems = 20;

    /// <summary>The names without the white space around them, or a fault with everything that is wrong with them.</summary>
    public static IReadOnlyList<string> Read(CsvDataReader record, int maxColumns)
    {
        if (record.RowFieldCount > maxColumns)
            throw Fault.Invalid("header", $"{record.RowFieldCount} columns; at most {maxColumns} are accepted");
        var fields = new string[record.RowFieldCount];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = record.GetFieldSpan(i).ToString();
        if (fields is [""])
            throw Fault.Invalid("header", "the first line is empty; the names of the columns, separated by commas, are accepted");
        var names = fields.Select(field => field.Trim()).ToList();
        var problems = Problems(names).Take(MostProblems).Select(problem => new Problem("header", problem)).ToList();
        return problems.Count == 0 ? names : throw new Fault(FaultKind.Invalid, problems);
    }

    private static IEnumerable<string> Problems(List<string> names)
    {
        var columnOf = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
            if (Problem(names[i]) is { } problem)
                yield return $"column {i + 1} {problem}";
            else if (!columnOf.TryAdd(names[i], i))
                yield return $"columns {columnOf[names[i]] + 1} and {i + 1} are both named {Quoted.Text(names[i])}; each name is accepted once";
    }

    private static string? Problem(string name) => name switch
    {
        "" => "has no name; every column needs one",
        { Length: > LongestName } => $"has a name of {name.Length} characters; at most {LongestName} are accepted",
        _ when name.Contains(CsvDialect.NotUtf8) => $"is named {Quoted.Text(name)}, which is not UTF-8; UTF-8 text is accepted",
        _ when name.Any(char.IsControl) => $"is named {Quoted.Text(name)}, with a control character; printable text is accepted",
        _ => null,
    };
}
