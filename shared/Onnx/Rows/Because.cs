namespace Mlops.Onnx.Rows;

/// <summary>Causes that several rules give; a node's name and operator stand before them.</summary>
internal static class Because
{
    public static readonly Value AlongRows = Value.Mixed("works along the rows");
    public static readonly Value MovesRows = Value.Mixed("moves the rows to another axis");
    public static readonly Value TurnsRows = Value.Turned(MovesRows.Why!);
    public static readonly Value JoinsRows = Value.Mixed("may join or split rows");
    public static readonly Value UnknownShape = Value.Mixed("takes a constant whose shape is not known before it runs");
    public static readonly Value UnknownContent = Value.Mixed("takes axes or sizes that are not known before it runs");
    public static readonly Value NoElements = Value.Mixed("makes rows without elements, which operators do not agree on");
    public static readonly Value OneRow = Value.Mixed("takes [rows, features]; a vector is one row to it");
    public static readonly Value FewDimensions = Value.Mixed("takes rows of more dimensions");

    public static Value Varies(int input) => Value.Mixed($"takes input {input} from the batch; a constant is accepted there");

    public static Value Ranks(int rank, int other) => Value.Mixed($"lays rows of {rank} and of {other} dimensions over each other");

    public static Value ConstantAlongRows(IReadOnlyList<long?> dims) =>
        Value.Mixed($"lays a constant of shape [{string.Join(", ", dims.Select(dim => dim?.ToString() ?? "?"))}] along the rows");
}
