using System.Numerics;

namespace Mlops.Training.Gradients;

/// <summary>The largest of each 2×2 places of images, which are rows of channels, one for each place.</summary>
internal sealed class MaxPooling(ImageShape shape, int channels)
{
    private readonly RowBuffer _places = new(channels);

    /// <summary>What is largest [N · places left, channels].</summary>
    public RowBuffer Values { get; } = new(channels);

    /// <summary>The derivatives of the loss by it.</summary>
    public RowBuffer Gradients { get; } = new(channels);

    /// <param name="from">[N · places, channels].</param>
    public void Forward(RowBuffer from)
    {
        var rows = from.Rows / shape.Positions * shape.PositionsLeft;
        foreach (var buffer in new[] { _places, Values, Gradients })
            buffer.Reserve(rows);
        for (var row = 0; row < rows; row++)
        {
            var first = FirstOf(row);
            var values = Values.Lanes(row);
            var places = _places.Lanes(row);
            from.Lanes(first).CopyTo(values);
            places.Clear();
            for (var place = 1; place < 4; place++)
            {
                var others = from.Lanes(first + OffsetOf(place));
                for (var at = 0; at < values.Length; at++)
                {
                    places[at] = Vector.ConditionalSelect(Vector.GreaterThan(others[at], values[at]), new Vector<float>(place), places[at]);
                    values[at] = Vector.Max(values[at], others[at]);
                }
            }
        }
    }

    /// <param name="to">[N · places, channels], is written.</param>
    public void Backward(RowBuffer to)
    {
        // Where a side is odd, its last places are in none of the squares.
        if (shape.PositionsLeft * 4 != shape.Positions)
            to.Span.Clear();
        for (var row = 0; row < Gradients.Rows; row++)
        {
            var gradients = Gradients.Lanes(row);
            var places = _places.Lanes(row);
            for (var place = 0; place < 4; place++)
            {
                var targets = to.Lanes(FirstOf(row) + OffsetOf(place));
                for (var at = 0; at < targets.Length; at++)
                    targets[at] = Vector.ConditionalSelect(Vector.Equals(places[at], new Vector<float>(place)), gradients[at], Vector<float>.Zero);
            }
        }
    }

    // The row of the first of the four places.
    private int FirstOf(int row)
    {
        var (image, place) = Math.DivRem(row, shape.PositionsLeft);
        var (y, x) = Math.DivRem(place, shape.Width / 2);
        return (image * shape.Positions) + (2 * y * shape.Width) + (2 * x);
    }

    private int OffsetOf(int place) => (place / 2 * shape.Width) + (place % 2);
}
