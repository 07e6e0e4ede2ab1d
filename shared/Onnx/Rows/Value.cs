namespace Mlops.Onnx.Rows;

/// <summary>The length of an axis: a known one, the batch's, or neither.</summary>
internal readonly record struct Length(long? Known, bool IsRows = false);

/// <summary>What is known, before a graph runs, of one of its values.</summary>
internal sealed record Value
{
    /// <summary>An optional input that is left out.</summary>
    public static readonly Value Absent = Constant(null);

    private Value()
    {
    }

    /// <summary>Whether its first axis is the batch, and row i of it depends on row i of the graph's inputs alone.</summary>
    public bool IsRows { get; private init; }

    /// <summary>Why it may be neither rows nor a constant, or null.</summary>
    public string? Why { get; private init; }

    /// <summary>Whether it is a single row of one element from each row of the inputs, in their order: [1, rows]. It may be turned back.</summary>
    public bool IsTurned { get; private init; }

    /// <summary>What a number or vector says that was read from the shape of rows; a reshape may use it.</summary>
    public IReadOnlyList<Length>? Lengths { get; private init; }

    /// <summary>
    /// The lengths of its axes, null where one is not known; of rows, the first never is. Null: not even their number is known,
    /// which happens to constants alone.
    /// </summary>
    public IReadOnlyList<long?>? Dims { get; private init; }

    /// <summary>The elements of a constant that is a known number or vector of integers.</summary>
    public IReadOnlyList<long>? Integers { get; private init; }

    /// <summary>Whether it is the same in every run.</summary>
    public bool IsConstant => !IsRows && Why is null;

    public bool IsAbsent => ReferenceEquals(this, Absent);

    /// <summary>Whether it is left out, or a constant of one element: a scalar, or a vector of one.</summary>
    public bool IsScalar => IsConstant && (IsAbsent || Dims is [] or [1]);

    /// <summary>Whether it is left out, or a constant scalar or vector.</summary>
    public bool IsVector => IsConstant && (IsAbsent || Dims is { Count: <= 1 });

    public static Value Constant(IReadOnlyList<long?>? dims, IReadOnlyList<long>? integers = null) => new() { Dims = dims, Integers = integers };

    /// <summary>Rows; <paramref name="dims"/> begins with the batch's own axis.</summary>
    public static Value Rows(IReadOnlyList<long?> dims) => new() { IsRows = true, Dims = dims };

    public static Value Mixed(string why) => new() { Why = why };

    /// <summary>A number of these dimensions, or a vector, of lengths of axes; a constant if the batch's is not among them.</summary>
    public static Value Counted(string why, IReadOnlyList<long?> dims, IReadOnlyList<Length> lengths) => lengths.All(length => length.Known is not null)
        ? Constant(dims, [.. lengths.Select(length => length.Known!.Value)])
        : new() { Why = why, Dims = dims, Lengths = lengths };

    public static Value Turned(string why) => new() { Why = why, IsTurned = true };

    /// <summary>The same, with the name of the node that is to blame before the cause.</summary>
    public Value BlamedOn(string node) => this with { Why = $"{node} {Why}" };
}
