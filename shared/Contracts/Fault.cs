namespace Mlops.Contracts;

/// <summary>What sort of mistake a <see cref="Fault"/> speaks of; the fronts translate it to HTTP or gRPC once.</summary>
public enum FaultKind
{
    /// <summary>The input cannot be accepted as it is. HTTP 400, gRPC INVALID_ARGUMENT.</summary>
    Invalid,

    /// <summary>What was asked for does not exist. HTTP 404, gRPC NOT_FOUND.</summary>
    NotFound,

    /// <summary>It contradicts what is already there. HTTP 409, gRPC FAILED_PRECONDITION.</summary>
    Conflict,

    /// <summary>It is larger than a stated limit. HTTP 413, gRPC RESOURCE_EXHAUSTED.</summary>
    TooLarge,

    /// <summary>It could be served later: loading, full or shutting down. HTTP 503, gRPC UNAVAILABLE.</summary>
    Unavailable,

    /// <summary>Stored bytes are not what their digest says. HTTP 500, gRPC DATA_LOSS.</summary>
    Corrupt,

    /// <summary>It needs something that is not offered here. HTTP 501, gRPC UNIMPLEMENTED.</summary>
    Unsupported,
}

/// <summary>One thing that is wrong, said for the person who has to mend it.</summary>
/// <param name="Field">Path of the field, such as <c>training.epochs</c> or a column's name; empty when it is the whole.</param>
/// <param name="Message">What was found and what is accepted.</param>
/// <param name="Row">1-based data row (the header not counted), where there is one.</param>
public sealed record Problem(string Field, string Message, long? Row = null)
{
    /// <inheritdoc/>
    public override string ToString() =>
        (Field, Row) switch
        {
            ("", null) => Message,
            ("", { } row) => $"row {row}: {Message}",
            (_, null) => $"{Field}: {Message}",
            (_, { } row) => $"{Field}, row {row}: {Message}",
        };
}

/// <summary>
/// A caller's or the data's mistake, never a defect of ours: it is not retried, and its text may be shown.
/// </summary>
public sealed class Fault : Exception
{
    /// <summary>A fault with every problem that was found.</summary>
    /// <param name="kind">The sort of mistake.</param>
    /// <param name="problems">At least one.</param>
    public Fault(FaultKind kind, IReadOnlyList<Problem> problems)
        : base(string.Join("; ", problems))
    {
        ArgumentOutOfRangeException.ThrowIfZero(problems.Count);
        Kind = kind;
        Problems = problems;
    }

    /// <summary>A fault with one problem.</summary>
    public Fault(FaultKind kind, string field, string message, long? row = null)
        : this(kind, [new Problem(field, message, row)])
    {
    }

    /// <summary>The sort of mistake.</summary>
    public FaultKind Kind { get; }

    /// <summary>Everything that is wrong; never empty.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>Input that cannot be accepted.</summary>
    public static Fault Invalid(string field, string message, long? row = null) => new(FaultKind.Invalid, field, message, row);

    /// <summary>Something that does not exist.</summary>
    public static Fault NotFound(string field, string message) => new(FaultKind.NotFound, field, message);
}
