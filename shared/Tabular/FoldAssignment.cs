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
    private readonly Moments? _moments;
    private readonly double _validationShare;

    private FoldAssignment(RowSplit split, PipelineSpec spec, FoldDealer dealer)
    {
        (_split, _spec, _foldOf, _moments) = (split, spec.CrossValidation!, dealer.Deal(), dealer.Moments);
        _validationShare = spec.Split.Validation / (spec.Split.Train + spec.Split.Validation);
    }

    /// <summary>
    /// The fold of a row, from 1; 0 for one that belongs to none. A training row is held out in its fold. A validation row has
    /// the fold of its group, where rows are dealt by such.
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
        var assignment = new FoldAssignment(split, spec, dealer);
        FoldRows[] folds = [.. Enumerable.Range(1, crossValidation.Folds).Select(assignment.Rows)];
        Problem[] problems = [.. UnlearnableClasses(table, spec, folds).Take(MostProblems), .. WithoutRows(spec, folds).Take(MostProblems)];
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
        var train = _split.Rows(SplitPart.Train);
        int[] heldOut = [.. train.Where(row => _foldOf[row] == fold)];
        if (_moments is null)
            return new FoldRows(Others(train), Others(_split.Rows(SplitPart.Validation)), heldOut);
        var earlier = _moments.Order(train.Where(row => _foldOf[row] < fold));
        var cut = _moments.Cut(earlier, earlier.Length - (int)Math.Round(_validationShare * earlier.Length));
        return new FoldRows([.. earlier[..cut].Order()], [.. earlier[cut..].Order()], heldOut);

        int[] Others(int[] rows) => [.. rows.Where(row => _foldOf[row] != fold)];
    }

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

    private static IEnumerable<Problem> UnlearnableClasses(Table table, PipelineSpec spec, FoldRows[] folds)
    {
        if (spec.Task != TaskKind.Classification)
            yield break;
        var target = ClassTarget.Of(table[spec.Target[0]]);
        var learned = folds.Select(fold => fold.Train.Select(row => target.Codes[row]).ToHashSet()).ToList();
        for (var code = 0; code < target.Classes.Count; code++)
            for (var fold = 0; fold < folds.Length; fold++)
                if (!learned[fold].Contains(code))
                    yield return new Problem("crossValidation.method", $"fold {fold + 1} has no row of class {Quoted.Text(target.Classes[code])} to learn from; a method, seed or number of folds that leaves every fold one is accepted");
    }

    private static IEnumerable<Problem> WithoutRows(PipelineSpec spec, FoldRows[] folds)
    {
        foreach (var (index, fold) in folds.Index())
            if (fold.Train.Length == 0)
                yield return new Problem("crossValidation.folds", $"fold {index + 1} has no row to learn from that is earlier than its validation rows; fewer folds, more moments, or a smaller split.validation, are accepted");
            else if (fold.Validation.Length == 0 && spec.Training.EarlyStopping is not null)
                yield return new Problem("crossValidation.folds", $"fold {index + 1} has no validation row for early stopping that {(spec.CrossValidation!.Time is null ? "is of another group" : "is earlier")}; a larger split.validation, or training.earlyStopping null, is accepted");
    }
}
