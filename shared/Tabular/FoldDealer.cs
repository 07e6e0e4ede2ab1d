using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>
/// Deals rows to folds by each method, in the sizes that scikit-learn's StratifiedKFold, KFold and TimeSeriesSplit have;
/// which row goes where follows from our own numbers.
/// </summary>
/// <param name="table">The whole data set.</param>
/// <param name="split">Which of its rows are training rows.</param>
/// <param name="target">The column with the classes, of a classification.</param>
/// <param name="spec">How.</param>
/// <param name="random">Chance.</param>
internal sealed class FoldDealer(Table table, RowSplit split, string target, CrossValidationSpec spec, SeededRandom random)
{
    private const int MostProblems = 10;
    private readonly int[] _train = split.Rows(SplitPart.Train);
    private readonly int[] _foldOf = new int[table.Rows];

    /// <summary>When the training rows are, once they are dealt by it.</summary>
    public Moments? Moments { get; private set; }

    /// <summary>The fold of each row, from 1; 0 for none.</summary>
    public int[] Deal()
    {
        RequireAtLeast(spec.Method == CrossValidationMethod.TimeOrdered ? spec.Folds + 1 : spec.Folds, _train.Length, "crossValidation.folds", "training rows");
        switch (spec.Method)
        {
            case CrossValidationMethod.Stratified:
                Stratified();
                break;
            case CrossValidationMethod.Grouped:
                Grouped();
                break;
            case CrossValidationMethod.TimeOrdered:
                TimeOrdered();
                break;
            default:
                random.Shuffle(_train.AsSpan());
                InTurn(_train);
                break;
        }
        return _foldOf;
    }

    /// <summary>A class after the other, each shuffled, one row to each fold in turn: so neither rows nor rows of a class differ by more than one.</summary>
    private void Stratified()
    {
        var classes = ClassTarget.Of(table[target]);
        var rows = new List<int>[classes.Classes.Count];
        for (var code = 0; code < rows.Length; code++)
            rows[code] = [.. _train.Where(row => classes.Codes[row] == code)];
        var few = rows.Select((ofClass, code) => (ofClass.Count, Class: classes.Classes[code])).Where(found => found.Count < spec.Folds).Take(MostProblems)
            .Select(found => new Problem("crossValidation.folds", $"{spec.Folds} folds are not accepted for class {Quoted.Text(found.Class)} with {found.Count} training rows; a training row of each class for each fold, or method k-fold, is")).ToList();
        if (few.Count > 0)
            throw new Fault(FaultKind.Invalid, few);
        var order = rows.SelectMany(ofClass =>
        {
            var shuffled = ofClass.ToArray();
            random.Shuffle(shuffled.AsSpan());
            return shuffled;
        });
        InTurn([.. order]);
    }

    /// <summary>
    /// Shuffled groups, each to the fold that has the fewest rows by then (R. L. Graham's list scheduling, 1966): folds differ by
    /// no more than the largest group.
    /// </summary>
    private void Grouped()
    {
        int[] dealt = [.. _train, .. split.Rows(SplitPart.Validation)];
        table[spec.Group!].RequireValues("group", dealt);
        var groups = ClassTarget.Of(table[spec.Group!]);
        var sizes = new int[groups.Classes.Count];
        foreach (var row in _train)
            sizes[groups.Codes[row]]++;
        int[] order = [.. Enumerable.Range(0, sizes.Length).Where(group => sizes[group] > 0)];
        RequireAtLeast(spec.Folds, order.Length, "crossValidation.folds", $"groups in the training rows' {Quoted.Text(spec.Group!)}");
        random.Shuffle(order.AsSpan());
        var (foldOfGroup, rows) = (new int[sizes.Length], new int[spec.Folds]);
        foreach (var group in order)
        {
            var fold = Array.IndexOf(rows, rows.Min());
            rows[fold] += sizes[group];
            foldOfGroup[group] = fold + 1;
        }
        foreach (var row in dealt)
            _foldOf[row] = foldOfGroup[groups.Codes[row]];
    }

    /// <summary>
    /// The training rows in order of time, cut into one part more than there are folds, the first of which is held out in none and
    /// takes what is over. A cut between rows of the same moment moves to the first of them.
    /// </summary>
    private void TimeOrdered()
    {
        var moments = Moments = Moments.Of(table[spec.Time!], _train);
        var order = moments.Order(_train);
        var size = order.Length / (spec.Folds + 1);
        int[] begins = [.. Enumerable.Range(0, spec.Folds).Select(fold => moments.Cut(order, order.Length - (spec.Folds - fold) * size))];
        if (begins.Prepend(0).Distinct().Count() != spec.Folds + 1)
            throw Fault.Invalid("crossValidation.folds", $"{spec.Folds} folds are not accepted for {moments.CountOf(order)} moments in the training rows' {Quoted.Text(spec.Time!)}, which leave a fold no row or no earlier one; fewer folds, or more moments, are");
        for (var place = 0; place < order.Length; place++)
            _foldOf[order[place]] = begins.Count(begin => begin <= place);
    }

    private void InTurn(int[] rows)
    {
        for (var place = 0; place < rows.Length; place++)
            _foldOf[rows[place]] = place % spec.Folds + 1;
    }

    private void RequireAtLeast(int needed, int found, string field, string what)
    {
        if (found < needed)
            throw Fault.Invalid(field, $"{spec.Folds} folds are not accepted for {found} {what}; with at least {needed} they are");
    }
}
