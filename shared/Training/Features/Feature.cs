using Mlops.Onnx;
using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>
/// One column as a model takes it: numbers, which are imputed and scaled together with those of the other columns, and
/// indicators, which are not. To add a kind: a class of it here with both its sides, a choice in <see cref="FeatureFitting"/>
/// and in the spec, a parity test.
/// </summary>
internal abstract record Feature
{
    private const int MissingOneIn = 5;

    /// <summary>The column.</summary>
    public required string Name { get; init; }

    /// <summary>What the column holds.</summary>
    public abstract ColumnType Source { get; }

    /// <summary>The numbers that it gives.</summary>
    public IReadOnlyList<NumericFeature> Numbers { get; init; } = [];

    /// <summary>How many indicators it gives.</summary>
    public virtual int Indicators => 0;

    /// <summary>Where its indicators are codes, whole numbers that only tell which, how many there are; 0 where they are not.</summary>
    public virtual int Codes => 0;

    /// <summary>Reads rows.</summary>
    /// <param name="column">Of the type <see cref="Source"/>.</param>
    /// <param name="start">The first row.</param>
    /// <param name="numbers">Takes the numbers of each row; NaN where missing.</param>
    /// <param name="indicators">Takes the indicators of each row; holds zeros.</param>
    public abstract void Encode(Column column, int start, RowBlock numbers, RowBlock indicators);

    /// <summary>Does the same in a graph.</summary>
    /// <param name="graph">Takes the nodes.</param>
    /// <param name="input">The column, [N, 1].</param>
    /// <returns>The numbers [N, k] and indicators [N, k]; null where there are none.</returns>
    public abstract (string? Numbers, string? Indicators) Export(GraphBuilder graph, string input);

    /// <summary>A column that <see cref="Preprocessing.MakeUp"/> tells of.</summary>
    public abstract Column MakeUp(int rows, SeededRandom random);

    /// <summary>Whether a cell that is made up is missing.</summary>
    protected static bool IsMissing(SeededRandom random) => random.NextInt(MissingOneIn) == 0;
}

/// <summary>Some neighbouring numbers of each row of a matrix.</summary>
/// <param name="values">Rows × stride, row-major.</param>
/// <param name="rows">How many rows there are.</param>
/// <param name="stride">Numbers from one row to the next.</param>
/// <param name="offset">Of the first of them in a row.</param>
/// <param name="width">How many they are.</param>
internal readonly ref struct RowBlock(Span<float> values, int rows, int stride, int offset, int width)
{
    private readonly Span<float> _values = values;

    public int Rows => rows;

    /// <summary>Those of a row.</summary>
    public Span<float> this[int row] => _values.Slice((row * stride) + offset, width);
}
