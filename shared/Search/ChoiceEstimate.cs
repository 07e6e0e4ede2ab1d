using Mlops.Tabular;

namespace Mlops.Search;

/// <summary>How often each value of a list was found, and once more for each as a prior.</summary>
internal sealed class ChoiceEstimate : IEstimate
{
    private readonly double[] _shares;

    /// <param name="positions">Those that were found, from 0.</param>
    /// <param name="count">Values of the list.</param>
    public ChoiceEstimate(IReadOnlyList<double> positions, int count) =>
        _shares = [.. Enumerable.Range(0, count).Select(place => (positions.Count(position => position == place) + 1.0) / (positions.Count + count))];

    public double Draw(SeededRandom random)
    {
        var left = random.NextDouble();
        for (var place = 0; place < _shares.Length - 1; place++)
            if ((left -= _shares[place]) < 0)
                return place;
        return _shares.Length - 1;
    }

    public double LogDensity(double position) => Math.Log(_shares[(int)position]);
}
