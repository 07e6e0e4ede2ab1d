using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>Which classes of a classification a part of the split lacks.</summary>
public static class SplitClasses
{
    private const int MostNames = 10;

    /// <summary>Throws unless a model learns of every class that there is.</summary>
    /// <exception cref="Fault">Invalid: no training row has a class. A stratified split never leaves one out.</exception>
    public static void Check(PipelineSpec spec, Table table, RowSplit split)
    {
        if (spec.Task != TaskKind.Classification)
            return;
        var target = ClassTarget.Of(table[spec.Target[0]]);
        var learned = new bool[target.Classes.Count];
        for (var row = 0; row < split.Count; row++)
            if (split[row] == SplitPart.Train && target.Codes[row] >= 0)
                learned[target.Codes[row]] = true;
        string[] unseen = [.. target.Classes.Where((_, code) => !learned[code])];
        if (unseen.Length > 0)
            throw Fault.Invalid(spec.Target[0], $"no training row has the class {NamesOf(unseen)}; every class in at least one is accepted: {ByWhich(spec.Split)}, or more rows of it");
    }

    /// <summary>What a person should know of the rows that nothing is learned from: an empty class is no fault there.</summary>
    public static IReadOnlyList<string> NotesOf(PipelineSpec spec, IRows validation, IRows test) => spec.Task != TaskKind.Classification ? [] :
    [
        .. NoteOf(spec.Target[0], validation, "validation", "so that early stopping and the choice of an architecture do not look at it"),
        .. NoteOf(spec.Target[0], test, "test", "so that the evaluation does not tell how well it is predicted"),
    ];

    private static IEnumerable<string> NoteOf(string target, IRows rows, string part, string consequence)
    {
        if (rows.Rows == 0)
            yield break;
        var classes = ClassTarget.Of(rows[target]);
        var counts = classes.Counts();
        string[] empty = [.. classes.Classes.Where((_, code) => counts[code] == 0)];
        if (empty.Length > 0)
            yield return $"{target}: no {part} row has the class {NamesOf(empty)}, {consequence}";
    }

    private static string ByWhich(SplitSpec split) => split switch
    {
        { Group: { } } => "another split.seed",
        { Time: { } } => "a larger split.train",
        _ => "split.stratify true, another split.seed",
    };

    private static string NamesOf(string[] classes) =>
        string.Join(", ", classes.Take(MostNames).Select(name => Quoted.Text(name))) + (classes.Length > MostNames ? $" and {classes.Length - MostNames} more" : "");
}
