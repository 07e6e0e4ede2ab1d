using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Search;

/// <summary>
/// What the trials of a search try: a function of the search, the round and what came of earlier rounds, and of nothing else,
/// neither of who asks nor of when. Numbers have six digits, so that the last bit of a machine's logarithm does not decide.
/// </summary>
public static class Proposals
{
    /// <summary>Draws of a trial that would repeat another one, before it does.</summary>
    private const int MostDraws = 50;

    /// <summary>The settings of a round's trials, in the order of their numbers.</summary>
    /// <param name="search">The search.</param>
    /// <param name="round">From 0.</param>
    /// <param name="before">All trials of the rounds before, the best first and failed ones last.</param>
    public static IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> OfRound(SearchSpec search, int round, IReadOnlyList<PastTrial> before)
    {
        if (search.Method == SearchMethod.Grid)
            return [.. search.NumbersOf(round).Select(number => Grid.At(search.Space, number))];
        var axes = search.Space.Select(setting => (Path: setting.Key, Axis: Axis.Of(setting.Value))).ToList();
        string KeyOf(IReadOnlyDictionary<string, JsonElement> settings) => string.Join('/', axes.Select(axis => axis.Axis.PositionOf(settings[axis.Path]).ToString("R", CultureInfo.InvariantCulture)));
        var tried = before.Select(trial => KeyOf(trial.Settings)).ToHashSet();
        var proposals = new List<IReadOnlyDictionary<string, JsonElement>>();
        foreach (var number in search.NumbersOf(round))
        {
            // The others of the round count as bad: who knows nothing of them yet had better try something else.
            var parzen = search.Method == SearchMethod.Tpe && before.Count >= TreeParzen.FirstByChance ? new TreeParzen(before, proposals) : null;
            var proposal = Draw(search, axes, parzen, number, draw: 1);
            for (var draw = 2; draw <= MostDraws && tried.Contains(KeyOf(proposal)); draw++)
                proposal = Draw(search, axes, parzen, number, draw);
            tried.Add(KeyOf(proposal));
            proposals.Add(proposal);
        }
        return proposals;
    }

    private static Dictionary<string, JsonElement> Draw(SearchSpec search, IEnumerable<(string Path, Axis Axis)> axes, TreeParzen? parzen, int number, int draw) => axes.ToDictionary(
        axis => axis.Path,
        axis =>
        {
            var random = RandomOf(search.Seed!.Value, number, axis.Path, draw);
            return axis.Axis.Setting(parzen?.Propose(axis.Path, axis.Axis, random) ?? axis.Axis.Draw(random));
        });

    /// <summary>A stream of chance of its own for each setting of each trial, which no other setting in the space moves.</summary>
    private static SeededRandom RandomOf(int seed, int number, string path, int draw) =>
        new(BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/{number}/{draw}/{path}"))).AsSpan()[..8]));
}
