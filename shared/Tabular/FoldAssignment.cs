using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>The rows of one fold, as indices into the data set, from 0, ascending.</summary>
/// <param name="Train">What the fold's model is fitted on; never empty.</param>
/// <param name="Validation">What its early stopping looks at; may be empty.</param>
/// <param name="HeldOut">What it predicts and has not seen; never empty.</param>
public sealed record FoldRows(int[] Train, int[] Validation, int[] HeldOut);

/// <summary>
/// Which fold holds each row of a data set out, in one repeat of a cross-validation. A pure function of table, split and spec:
/// the same give the same on any machine.
/// </summary>
public sealed class FoldAssignment
{
    private const int MostProblems = 10;
    private readonly RowSplit _split;
    private readonly CrossValidationSpec _spec;
    private readonly int[] _foldOf;

    private FoldAssignment(RowSplit split, CrossValidationSpec spec, int[] foldOf) => (_split, _spec, _foldOf) = (split, spec, foldOf);

    /// <summary>
    /// The fold of a row, from 1; 0 for one that belongs to none. A training row is held out in its fold. A validation row has
    /// the fold of its group, or of its time, where rows are dealt by such.
    /// </summary>
    public int this[int row] => _foldOf[row];

    /// <summary>Deals the training rows to folds.</summary>
    /// <param name="table">The whole data set.</param>
    /// <param name="split">Which of its rows are training rows.</param>
    /// <param name="spec">Has a cross-validation, and was checked against the table.</param>
    /// <param name="repeat">Which repeat, from 1.</param>
    /// <exception cref="Fault">
    /// Invalid: there are fewer rows, rows of a class, groups or moments than folds; a row has no group or time; or a fold is left
    /// without a class to learn or without a row to validate on. Every problem of the first of these kinds is in it.
    /// </exception>
    public static FoldAssignment Make(Table table, RowSplit split, PipelineSpec spec, int repeat)
    {
        var crossValidation = spec.CrossValidation!;
        var dealer = new FoldDealer(table, split, spec.Target[0], crossValidation, RandomOf(crossValidation, repeat));
        var assignment = new FoldAssignment(split, crossValidation, dealer.Deal());
        Problem[] problems = [.. assignment.UnlearnableClasses(table, spec).Take(MostProblems), .. assignment.FoldsWithoutValidation(spec).Take(MostProblems)];
        return problems.Length == 0 ? assignment : throw new Fault(FaultKind.Invalid, problems);
    }

    /// <summary>Throws unless every repeat can be made.</summary>
    /// <inheritdoc cref="Make"/>
    public static void Check(Table table, RowSplit split, PipelineSpec spec)
    {
        for (var repeat = 1; repeat <= spec.CrossValidation?.Repeats; repeat++)
            Make(table, split, spec, repeat);
    }

    /// <summary>The rows of a fold, from 1.</summary>
    public FoldRows Rows(int fold)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fold, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fold, _spec.Folds);
        return new FoldRows(
            [.. _split.Rows(SplitPart.Train).Where(row => MaySee(fold, _foldOf[row]))],
            [.. _split.Rows(SplitPart.Validation).Where(row => MaySee(fold, _foldOf[row]))],
            [.. _split.Rows(SplitPart.Train).Where(row => _foldOf[row] == fold)]);
    }

    /// <summary>Whether the model of a fold may see a row that belongs to another, or to none.</summary>
    private bool MaySee(int fold, int foldOfRow) => _spec.Method == CrossValidationMethod.TimeOrdered ? foldOfRow < fold : foldOfRow != fold;

    /// <summary>Each repeat's own numbers, whatever comes before it.</summary>
    private static SeededRandom RandomOf(CrossValidationSpec spec, int repeat)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(repeat, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(repeat, spec.Repeats);
        var seeds = new SeededRandom(spec.Seed);
        for (var before = 1; before < repeat; before++)
            seeds.NextUInt64();
        return new SeededRandom(seeds.NextUInt64());
    }

    private IEnumerable<Problem> UnlearnableClasses(Table table, PipelineSpec spec)
    {
        if (spec.Task != TaskKind.Classification)
            yield break;
        var target = ClassTarget.Of(table[spec.Target[0]]);
        for (var code = 0; code < target.Classes.Count; code++)
        {
            var rows = CountByFold(SplitPart.Train, row => target.Codes[row] == code);
            for (var fold = 1; fold <= _spec.Folds; fold++)
                if (Seen(fold, rows) == 0)
                    yield return new Problem("crossValidation.method", $"fold {fold} has no row of class {Quoted.Text(target.Classes[code])} to learn from; a method, seed or number of folds that leaves every fold one is accepted");
        }
    }

    private IEnumerable<Problem> FoldsWithoutValidation(PipelineSpec spec)
    {
        if (spec.Training.EarlyStopping is null)
            yield break;
        var rows = CountByFold(SplitPart.Validation, _ => true);
        for (var fold = 1; fold <= _spec.Folds; fold++)
            if (Seen(fold, rows) == 0)
                yield return new Problem("crossValidation.folds", $"fold {fold} has no validation row for early stopping that {(_spec.Time is null ? "is of another group" : "is earlier")}; a larger split.validation, or training.earlyStopping null, is accepted");
    }

    private int[] CountByFold(SplitPart part, Func<int, bool> counts)
    {
        var rows = new int[_spec.Folds + 1];
        for (var row = 0; row < _foldOf.Length; row++)
            if (_split[row] == part && counts(row))
                rows[_foldOf[row]]++;
        return rows;
    }

    private int Seen(int fold, int[] rowsByFold) => Enumerable.Range(0, rowsByFold.Length).Where(other => MaySee(fold, other)).Sum(other => rowsByFold[other]);
}
