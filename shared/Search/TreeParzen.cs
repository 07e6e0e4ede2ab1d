using System.Text.Json;
using Mlops.Tabular;

namespace Mlops.Search;

/// <summary>
/// Tree-structured Parzen estimators (J. Bergstra, R. Bardenet, Y. Bengio and B. Kégl, "Algorithms for hyper-parameter
/// optimization", 2011), each setting by itself. The trials so far are divided into the best and the others; of settings that
/// are drawn where the best were found, that one is proposed for which this is the most likelier than where the others were,
/// and so the expected improvement the largest.
/// </summary>
internal sealed class TreeParzen
{
    /// <summary>Trials that propose by chance before there is enough to learn from.</summary>
    public const int FirstByChance = 10;

    private const double ShareOfGood = 0.15;
    private const int MostGood = 25;
    private const int Candidates = 24;

    private readonly IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> _good;
    private readonly IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> _bad;

    /// <param name="before">The best first, failed ones last.</param>
    /// <param name="underWay">Of which nothing is known yet.</param>
    public TreeParzen(IReadOnlyList<PastTrial> before, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> underWay)
    {
        var good = CountOfGood(before.Count(trial => !trial.IsFailed));
        _good = [.. before.Take(good).Select(trial => trial.Settings)];
        _bad = [.. before.Skip(good).Select(trial => trial.Settings), .. underWay];
    }

    /// <summary>How many of trials count as good.</summary>
    public static int CountOfGood(int trials) => Math.Min(MostGood, (int)Math.Ceiling(ShareOfGood * trials));

    public double Propose(string path, Axis axis, SeededRandom random)
    {
        var (good, bad) = (EstimateFrom(_good, path, axis), EstimateFrom(_bad, path, axis));
        return Enumerable.Range(0, Candidates).Select(_ => good.Draw(random)).ToList().MaxBy(position => good.LogDensity(position) - bad.LogDensity(position));
    }

    private static IEstimate EstimateFrom(IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> trials, string path, Axis axis) =>
        axis.EstimateFrom([.. trials.Select(settings => axis.PositionOf(settings[path]))]);
}
