using System.Text;

namespace Mlops.Training.Trees;

/// <summary>
/// What is grown together: the trees of all classes, or those of one target. A round depends on nothing but the rows, what the
/// trees so far answer to them, and the round's parameters, for LightGBM is told them anew each time: where its own draws of
/// chance stand cannot be saved, and a running training that was given other seeds was seen to differ from itself. Measured
/// over 2 000 to 500 000 rows, a round takes 6 to 30 % longer for it.
/// </summary>
internal sealed class Forest : IDisposable
{
    private readonly IReadOnlyList<int> _outputs;
    private readonly BinnedRows _bins;
    private readonly TreeSums _sums;
    private readonly TreeSums? _validationSums;
    private readonly StringBuilder _text = new();
    private readonly List<Tree> _trees = [];

    /// <summary>Begins, or goes on with trees of an earlier life.</summary>
    /// <param name="train">What is learned from.</param>
    /// <param name="validation">What is looked at; null without.</param>
    /// <param name="parameters">LightGBM's, of which the bins depend on some.</param>
    /// <param name="outputs">To which outputs the trees of a round belong.</param>
    /// <param name="before">The text of trees that are there already; empty to begin.</param>
    public Forest(TreeRows train, TreeRows? validation, string parameters, IReadOnlyList<int> outputs, string before)
    {
        _outputs = outputs;
        _sums = new TreeSums(train, outputs);
        _validationSums = validation is null ? null : new TreeSums(validation, outputs);
        Add(before);
        _bins = new BinnedRows(train, parameters);
    }

    /// <summary>All trees in LightGBM's words.</summary>
    public string Text => _text.ToString();

    /// <summary>The trees of the first rounds.</summary>
    public IEnumerable<Tree> TreesOf(int rounds) => _trees.Take(rounds * _outputs.Count);

    /// <summary>Whether it stopped growing in one of the first rounds: they added nothing, or the very first only leaves.</summary>
    public bool HasEnded(int rounds)
    {
        var trees = TreesOf(rounds).ToList();
        return trees.Count < rounds * _outputs.Count || (rounds > 0 && trees.TakeLast(_outputs.Count).All(tree => tree.Features.Count == 0));
    }

    /// <summary>Grows the trees of a round.</summary>
    /// <param name="parameters">LightGBM's.</param>
    /// <returns>False where no leaf is worth a split any more. Then nothing was added, except that the first round always adds.</returns>
    public bool Grow(string parameters)
    {
        var isFirst = _trees.Count == 0;
        var (text, isFinished) = _bins.Grow(parameters, isFirst ? null : _sums.Values);
        if (!isFinished || isFirst)
            Add(text);
        return !isFinished;
    }

    /// <summary>Writes what the trees answer to the rows that they are grown from, or looked at with.</summary>
    /// <param name="validation">Which of both.</param>
    /// <param name="output">Rows × width, row-major.</param>
    /// <param name="width">All outputs, of which this forest may have some.</param>
    public void Answer(bool validation, Span<float> output, int width) => (validation ? _validationSums! : _sums).CopyTo(output, width);

    public void Dispose() => _bins.Dispose();

    private void Add(string text)
    {
        _text.Append(text);
        IReadOnlyList<Tree> trees = [.. ModelText.Trees(text, _outputs)];
        _sums.Add(trees);
        _validationSums?.Add(trees);
        _trees.AddRange(trees);
    }
}
