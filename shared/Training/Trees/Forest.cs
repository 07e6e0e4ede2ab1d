using System.Text;

namespace Mlops.Training.Trees;

/// <summary>What LightGBM grows together: the trees of all classes, or those of one target.</summary>
internal sealed class Forest : IDisposable
{
    // Below it LightGBM takes a probability for it when it counts losses.
    private const double LeastProbability = 1e-15;

    private readonly IReadOnlyList<int> _outputs;
    private readonly bool _isOfClasses;
    private readonly string _before;
    private readonly BinnedRows _train;
    private readonly BinnedRows? _validation;
    private readonly nint _booster;
    private int _rounds;

    /// <summary>Begins, or goes on with trees of an earlier life.</summary>
    /// <param name="train">What is learned from.</param>
    /// <param name="validation">What is looked at; null without.</param>
    /// <param name="parameters">LightGBM's.</param>
    /// <param name="outputs">To which outputs the trees of a round belong.</param>
    /// <param name="isOfClasses">Whether they are logits.</param>
    /// <param name="before">The text of trees that are there already; empty to begin.</param>
    public Forest(TreeRows train, TreeRows? validation, string parameters, IReadOnlyList<int> outputs, bool isOfClasses, string before)
    {
        (_outputs, _isOfClasses, _before) = (outputs, isOfClasses, before);
        _train = new BinnedRows(train, parameters, ScoresBefore(train), sameBinsAs: null);
        LightGbm.Check(LightGbm.LGBM_BoosterCreate(_train.Handle, parameters, out _booster));
        if (validation is null)
            return;
        _validation = new BinnedRows(validation, parameters, ScoresBefore(validation), sameBinsAs: _train);
        LightGbm.Check(LightGbm.LGBM_BoosterAddValidData(_booster, _validation.Handle));
    }

    /// <summary>Trees of a round.</summary>
    public int Outputs => _outputs.Count;

    /// <summary>LightGBM's text of all trees.</summary>
    public string Text => _rounds == 0 ? _before : _before + Save();

    /// <summary>The trees of the first rounds.</summary>
    public IEnumerable<Tree> TreesOf(int rounds) => ModelText.Trees(Text, _outputs).Take(rounds * _outputs.Count);

    /// <summary>Grows the trees of a round.</summary>
    /// <param name="seeds">Parameters of the round, to be set one after the other.</param>
    /// <returns>False where no leaf is worth a split any more. Then nothing was added, except that the first round always adds.</returns>
    public bool Grow(IEnumerable<string> seeds)
    {
        foreach (var seed in seeds)
            LightGbm.Check(LightGbm.LGBM_BoosterResetParameter(_booster, seed));
        LightGbm.Check(LightGbm.LGBM_BoosterUpdateOneIter(_booster, out var isFinished));
        if (isFinished == 0 || (_rounds == 0 && _before.Length == 0))
            _rounds++;
        return isFinished == 0;
    }

    /// <summary>Writes what the trees answer to the rows that they are grown from, or looked at with.</summary>
    /// <param name="validation">Which of both.</param>
    /// <param name="output">Rows × width, row-major: logits or values.</param>
    /// <param name="width">All outputs, of which this forest may have some.</param>
    public void Answer(bool validation, Span<float> output, int width)
    {
        var set = validation ? 1 : 0;
        LightGbm.Check(LightGbm.LGBM_BoosterGetNumPredict(_booster, set, out var length));
        var values = new double[length];
        LightGbm.Check(LightGbm.LGBM_BoosterGetPredict(_booster, set, out _, values));
        var rows = values.Length / _outputs.Count;
        for (var index = 0; index < values.Length; index++)
        {
            var (row, value) = (index % rows, values[index]);
            var place = (row * width) + _outputs[index / rows];
            output[place] = (float)(_isOfClasses ? Logarithm(value) : value);
            // Of two classes LightGBM gives the second's probability alone.
            if (_isOfClasses && _outputs.Count == 1)
                output[row * width] = (float)Logarithm(1 - value);
        }
    }

    public void Dispose()
    {
        LightGbm.Check(LightGbm.LGBM_BoosterFree(_booster));
        _validation?.Dispose();
        _train.Dispose();
    }

    private static double Logarithm(double probability) => Math.Log(Math.Max(probability, LeastProbability));

    // The very sums that LightGBM has at this point: of the same numbers, in the same order.
    private double[]? ScoresBefore(TreeRows rows)
    {
        if (_before.Length == 0)
            return null;
        var scores = new double[_outputs.Count * rows.Count];
        foreach (var (number, tree) in ModelText.Trees(_before, _outputs).Index())
            for (var row = 0; row < rows.Count; row++)
                scores[(number % _outputs.Count * rows.Count) + row] += tree.ValueOf(rows.Inputs.AsSpan(row * rows.Width, rows.Width));
        return scores;
    }

    private string Save()
    {
        LightGbm.Check(LightGbm.LGBM_BoosterSaveModelToString(_booster, 0, _rounds, 0, 0, out var length, []));
        var text = new byte[length];
        LightGbm.Check(LightGbm.LGBM_BoosterSaveModelToString(_booster, 0, _rounds, 0, length, out _, text));
        // It ends with a 0, as texts in C do.
        return Encoding.UTF8.GetString(text.AsSpan(0, text.Length - 1));
    }
}
