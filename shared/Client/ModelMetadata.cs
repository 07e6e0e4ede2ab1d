namespace Mlops.Client;

/// <summary>What a model takes and gives.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Versions">Those that can be asked for now.</param>
/// <param name="Platform">What runs it.</param>
/// <param name="Inputs">In the model's order.</param>
/// <param name="Outputs">In the model's order.</param>
public sealed record ModelMetadata(string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

/// <summary>One input or output of a model.</summary>
/// <param name="Name">The tensor's name; for a model with an input per column, the column's.</param>
/// <param name="Datatype">A datatype of the Open Inference Protocol: FP32, BYTES, INT64 …</param>
/// <param name="Shape">−1 for a dimension that varies; the first one counts the rows.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<long> Shape)
{
    /// <summary>The columns that the tensor holds, in order; empty where the server does not tell.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Whether it holds one value a row: shape [-1] or [-1, 1], or with a number of rows that is fixed.</summary>
    public bool IsColumn => Shape is [_] or [_, 1];

    /// <summary>As in an error message: FP32 [-1,4].</summary>
    public override string ToString() => $"{Datatype} [{string.Join(',', Shape)}]";

    /// <summary>Records compare their lists by reference.</summary>
    internal bool IsSameAs(TensorMetadata other) =>
        (Name, Datatype) == (other.Name, other.Datatype) && Shape.SequenceEqual(other.Shape) && Columns.SequenceEqual(other.Columns);
}
