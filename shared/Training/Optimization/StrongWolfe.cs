namespace Mlops.Training.Optimization;

/// <summary>
/// A line search for a step that satisfies the strong Wolfe conditions: Nocedal and Wright, Numerical Optimization (2006),
/// algorithms 3.5 and 3.6, with cubic interpolation (their 3.59).
/// </summary>
internal sealed class StrongWolfe(Func<double, (double Loss, double Slope)> at, double loss, double slope)
{
    private const double EnoughDecrease = 1e-4, EnoughFlatness = 0.9;
    private const int MostEvaluations = 25;
    private int _evaluations;

    /// <summary>Searches along a direction in which the loss falls.</summary>
    /// <param name="first">The step that is tried first, above 0.</param>
    /// <returns>A step for which both conditions hold; where none was found in time, the best that was seen, which may be 0.</returns>
    public double Search(double first)
    {
        var before = new Point(0, loss, slope);
        var step = first;
        while (_evaluations < MostEvaluations)
        {
            var point = Evaluate(step);
            if (!DecreasesEnough(point) || (point.Loss >= before.Loss && _evaluations > 1))
                return Narrow(before, point);
            if (IsFlatEnough(point))
                return point.Step;
            if (point.Slope >= 0)
                return Narrow(point, before);
            (before, step) = (point, 2 * step);
        }
        return before.Step;
    }

    // The low end decreases the loss enough, and a step that satisfies both conditions lies between the ends.
    private double Narrow(Point low, Point high)
    {
        while (_evaluations < MostEvaluations && low.Step != high.Step)
        {
            var point = Evaluate(Between(low, high));
            if (!DecreasesEnough(point) || point.Loss >= low.Loss)
            {
                high = point;
                continue;
            }
            if (IsFlatEnough(point))
                return point.Step;
            if (point.Slope * (high.Step - low.Step) >= 0)
                high = low;
            low = point;
        }
        return low.Step;
    }

    // The cubic's minimum, kept off the ends by a tenth of what lies between them.
    private static double Between(Point low, Point high)
    {
        var length = high.Step - low.Step;
        var d1 = low.Slope + high.Slope - (3 * (low.Loss - high.Loss) / (low.Step - high.Step));
        var d2 = Math.Sign(length) * Math.Sqrt((d1 * d1) - (low.Slope * high.Slope));
        var share = 1 - ((high.Slope + d2 - d1) / (high.Slope - low.Slope + (2 * d2)));
        return low.Step + (length * (double.IsFinite(share) ? Math.Clamp(share, 0.1, 0.9) : 0.5));
    }

    private bool DecreasesEnough(Point point) => point.Loss <= loss + (EnoughDecrease * point.Step * slope);

    private bool IsFlatEnough(Point point) => Math.Abs(point.Slope) <= -EnoughFlatness * slope;

    private Point Evaluate(double step)
    {
        _evaluations++;
        var (found, steepness) = at(step);
        return new Point(step, double.IsNaN(found) ? double.PositiveInfinity : found, steepness);
    }

    private readonly record struct Point(double Step, double Loss, double Slope);
}
