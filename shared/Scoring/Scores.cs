namespace Mlops.Scoring;

/// <summary>A model's answers to the rows of a table, in their order.</summary>
public sealed class Scores
{
    private readonly int[] _predicted;
    private readonly float[] _outputs;

    /// <summary>The given answers; the arrays are not copied.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Number of classes or targets.</param>
    /// <param name="predicted">For a classification one per row, else empty.</param>
    /// <param name="outputs">Row-major, rows × width.</param>
    public Scores(int rows, int width, int[] predicted, float[] outputs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs.Length, rows * width);
        if (predicted.Length > 0)
            ArgumentOutOfRangeException.ThrowIfNotEqual(predicted.Length, rows);
        (Rows, Width, _predicted, _outputs) = (rows, width, predicted, outputs);
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of classes, or of a regression's targets.</summary>
    public int Width { get; }

    /// <summary>Per row an index into the signature's classes, −1 where the label is none of them; empty for a regression.</summary>
    public ReadOnlySpan<int> Predicted => _predicted;

    /// <summary>Row-major, <see cref="Rows"/> × <see cref="Width"/>: the probabilities of a classification, the values of a regression.</summary>
    public ReadOnlySpan<float> Outputs => _outputs;

    /// <summary>The probabilities or values of one row.</summary>
    public ReadOnlySpan<float> Row(int row) => _outputs.AsSpan(row * Width, Width);
}
