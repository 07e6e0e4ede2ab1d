using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>What a row is for. The values are stored.</summary>
public enum SplitPart : byte
{
    /// <summary>Fits weights and preprocessing.</summary>
    Train = 0,

    /// <summary>Tells when to stop.</summary>
    Validation = 1,

    /// <summary>Seen by the evaluator alone.</summary>
    Test = 2,
}

/// <summary>Which part each row of a table belongs to. The same table, spec and seed give the same split, on any machine.</summary>
public sealed class RowSplit
{
    private const int Parts = 3;
    private readonly byte[] _partOf;

    private RowSplit(byte[] partOf) => _partOf = partOf;

    /// <summary>Number of rows in all parts.</summary>
    public int Count => _partOf.Length;

    /// <summary>The part of a row.</summary>
    public SplitPart this[int row] => (SplitPart)_partOf[row];

    /// <summary>Shares rows out. The order of columns does not matter; that of rows does.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="spec">
    /// Fractions (the largest remainders are rounded up) or counts, the seed, and whether to stratify. By groups or times the
    /// parts have these sizes as nearly as groups and moments that stay together allow.
    /// </param>
    /// <param name="target">The target columns; the first gives the classes.</param>
    /// <param name="task">Only a classification is stratified: each class has its exact share of each part, rounded up or down.</param>
    /// <exception cref="Fault">
    /// Invalid: counts do not sum to the rows; a part that is asked for has no row; a class has too few rows to stand in
    /// the train and the test part; there are fewer groups or moments than parts; or a row has no class, group or time.
    /// </exception>
    public static RowSplit Make(Table table, SplitSpec spec, IReadOnlyList<string> target, TaskKind task)
    {
        var partSizes = PartSizes(spec, table.Rows);
        if (spec.Group is { } group)
            return Grouped(table[group], partSizes, spec.Seed);
        if (spec.Time is { } time)
            return TimeOrdered(table[time], partSizes);
        return spec.Stratify && task == TaskKind.Classification
            ? Stratified(table[target[0]], partSizes, spec.Seed)
            : Deal([[.. Enumerable.Range(0, table.Rows)]], Row(partSizes), table.Rows, spec.Seed);
    }

    /// <summary>A split that <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="Fault">Corrupt: a byte that is no part.</exception>
    public static RowSplit FromBytes(ReadOnlySpan<byte> bytes)
    {
        var strange = bytes.IndexOfAnyExceptInRange((byte)0, (byte)(Parts - 1));
        return strange < 0
            ? new RowSplit(bytes.ToArray())
            : throw new Fault(FaultKind.Corrupt, "split", $"a stored split says {bytes[strange]}; 0, 1 and 2 are its parts", strange + 1);
    }

    /// <summary>A byte for each row, in the rows' order: the value of its <see cref="SplitPart"/>.</summary>
    public byte[] ToBytes() => [.. _partOf];

    /// <summary>The rows of a part, ascending, from 0.</summary>
    public int[] Rows(SplitPart part) => [.. Enumerable.Range(0, Count).Where(row => this[row] == part)];

    private static int[] PartSizes(SplitSpec spec, int rows)
    {
        double[] asked = [spec.Train, spec.Validation, spec.Test];
        if (spec.IsCounts && asked.Sum() != rows)
            throw Fault.Invalid("split", FormattableString.Invariant($"train, validation and test are {spec.Train}, {spec.Validation} and {spec.Test}, together {asked.Sum()}; the table has {rows} rows, and counts with that sum are accepted"));
        var sizes = spec.IsCounts
            ? Array.ConvertAll(asked, count => (int)count)
            : Apportionment.ByLargestRemainder(Array.ConvertAll(asked, fraction => fraction * rows), rows);
        foreach (var part in Enum.GetValues<SplitPart>())
            if (sizes[(int)part] == 0 && (asked[(int)part] > 0 || part != SplitPart.Validation))
                throw Fault.Invalid($"split.{SpecJson.NameOf(part)}", FormattableString.Invariant($"{asked[(int)part]} of {rows} rows is not one row; at least one is accepted"));
        return sizes;
    }

    private static RowSplit Stratified(Column target, int[] partSizes, int seed)
    {
        var classes = ClassTarget.Of(target);
        var rowsOf = classes.Counts().Select(count => new List<int>(count)).ToList();
        for (var row = 0; row < target.Count; row++)
            if (classes.Codes[row] >= 0)
                rowsOf[classes.Codes[row]].Add(row);
            else
                throw Fault.Invalid(target.Name, "the target is missing; a class in every row is accepted", row + 1);
        var sizes = StratifiedSizes.Find(classes.Counts(), partSizes, [(int)SplitPart.Train, (int)SplitPart.Test])
            ?? throw TooFewRows(target.Name, classes, partSizes);
        return Deal([.. rowsOf.Select(rows => rows.ToArray())], sizes, target.Count, seed);
    }

    /// <summary>Shuffled groups, each to the part that lacks the most rows by then (as R. L. Graham's list scheduling, 1966).</summary>
    private static RowSplit Grouped(Column column, int[] partSizes, int seed)
    {
        column.RequireValues("group", Enumerable.Range(0, column.Count));
        var groups = ClassTarget.Of(column);
        var sizes = groups.Counts();
        int[] order = [.. Enumerable.Range(0, sizes.Length).Where(group => sizes[group] > 0)];
        var without = Enumerable.Range(0, Parts).Where(part => partSizes[part] > 0).ToList();
        if (order.Length < without.Count)
            throw Fault.Invalid("split.group", $"{without.Count} parts are not accepted for {order.Length} groups in {Quoted.Text(column.Name)}; at least as many groups are");
        new SeededRandom(seed).Shuffle(order.AsSpan());
        List<int> parts = [.. without];
        int[] lacking = [.. partSizes], partOfGroup = new int[sizes.Length];
        foreach (var (place, group) in order.Index())
        {
            // The last groups are for parts that have none yet.
            var part = (order.Length - place == without.Count ? without : parts).MaxBy(part => lacking[part]);
            without.Remove(part);
            lacking[part] -= sizes[group];
            partOfGroup[group] = part;
        }
        return new RowSplit(Array.ConvertAll(groups.Codes.ToArray(), group => (byte)partOfGroup[group]));
    }

    private static RowSplit TimeOrdered(Column column, int[] partSizes)
    {
        var moments = Moments.Of(column, Enumerable.Range(0, column.Count));
        var order = moments.Order(Enumerable.Range(0, column.Count));
        var partOf = new byte[order.Length];
        var begin = 0;
        foreach (var part in Enumerable.Range(0, Parts).Where(part => partSizes[part] > 0))
        {
            var end = moments.Cut(order, partSizes.Take(part + 1).Sum());
            if (end == begin)
                throw Fault.Invalid("split.time", $"{moments.CountOf(order)} moments in {Quoted.Text(column.Name)} leave split.{SpecJson.NameOf((SplitPart)part)} no row of its own; more moments, or a larger part, are accepted");
            foreach (var row in order.AsSpan(begin, end - begin))
                partOf[row] = (byte)part;
            begin = end;
        }
        return new RowSplit(partOf);
    }

    // Of each group, shuffled, the first rows go to the first part, the next to the second, and so on.
    private static RowSplit Deal(int[][] groups, int[,] sizes, int rows, int seed)
    {
        var partOf = new byte[rows];
        var random = new SeededRandom(seed);
        for (var group = 0; group < groups.Length; group++)
        {
            random.Shuffle(groups[group].AsSpan());
            var next = 0;
            for (var part = 0; part < Parts; part++)
                for (var i = 0; i < sizes[group, part]; i++)
                    partOf[groups[group][next++]] = (byte)part;
        }
        return new RowSplit(partOf);
    }

    private static Fault TooFewRows(string target, ClassTarget classes, int[] partSizes)
    {
        const int MostProblems = 10;
        var smallest = Math.Min(partSizes[(int)SplitPart.Train], partSizes[(int)SplitPart.Test]);
        var counts = classes.Counts();
        var few = Enumerable.Range(0, counts.Length)
            .Where(i => (long)counts[i] * smallest < partSizes.Sum())
            .Take(MostProblems)
            .Select(i => new Problem(target, $"class {Quoted.Text(classes.Classes[i])} has {counts[i]} of {partSizes.Sum()} rows, too few to stand in train ({partSizes[0]}) and in test ({partSizes[2]}) by its share; more rows of it, larger parts, or split.stratify false are accepted"));
        return new Fault(FaultKind.Invalid, [.. few]);
    }

    private static int[,] Row(int[] partSizes) => new[,] { { partSizes[0], partSizes[1], partSizes[2] } };
}
