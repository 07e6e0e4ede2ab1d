using System.Text;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Training.Checkpoints;
using Mlops.Training.Features;
using Mlops.Training.Heads;
using Mlops.Training.Loop;
using Mlops.Training.Losses;
using static TorchSharp.torch;

namespace Mlops.Training.Trees;

/// <summary>
/// Grows trees round by round until there are as many as the spec wants, the loss no longer falls, or no leaf is worth a split.
/// A round's losses are those of all trees up to it. A checkpoint holds LightGBM's text of the trees: what they answer to the
/// rows is where the next round starts from, and chance is drawn anew for each.
/// </summary>
/// <param name="spec">Its model is of boosted trees.</param>
/// <param name="train">What is learned from, on the CPU.</param>
/// <param name="validation">What early stopping looks at; null where there are no rows.</param>
/// <param name="target">How the targets are encoded.</param>
/// <param name="loss">What is made small; it belongs to the caller.</param>
/// <param name="head">What answers from the trees' sums.</param>
internal sealed class Boosting(PipelineSpec spec, SampleSource train, SampleSource? validation, TargetEncoding target, Loss loss, Head head) : ICheckpointed, IDisposable
{
    private readonly BoostedTreesSpec _model = (BoostedTreesSpec)spec.Model;
    private readonly string _parameters = BoostingParameters.Of((BoostedTreesSpec)spec.Model, spec.Loss, target.Width);
    // They belong to the scope in which it was made.
    private readonly Tensor _targets = train.GatherTargets();
    private readonly Tensor? _validationTargets = validation?.GatherTargets();
    private string[] _before = [];
    private IReadOnlyList<Forest> _growing = [];
    private IReadOnlyList<Forest> _forests = [];

    public long Bytes => _forests.Sum(forest => (long)forest.Text.Length);

    /// <summary>Runs to the end.</summary>
    /// <returns>The trees, the report of their last round, and the number of rounds that ran.</returns>
    /// <exception cref="Fault">The loss is no finite number, or the checkpoint is of another training.</exception>
    public (TreeEnsemble Trees, EpochReport Kept, int Rounds) Run(EpochLog log, Checkpointer? checkpointer, Milestones? milestones, CancellationToken cancellation)
    {
        var stopping = spec.Training.EarlyStopping is { } earlyStopping ? new EarlyStopping(earlyStopping) : null;
        var checkpoint = checkpointer?.Resume(this);
        var (round, kept) = checkpoint is null ? (0, null) : TrainingLoop.GoOn(checkpoint.Header, log, stopping);
        Plant(round);
        var isWorthIt = true;
        while (GoesOn())
        {
            cancellation.ThrowIfCancellationRequested();
            var parameters = _parameters + BoostingParameters.OfRound(_model, spec.Training.Seed, round + 1);
            _growing = [.. _growing.Where(forest => forest.Grow(parameters))];
            if (_growing.Count == 0 && round > 0)
                break;
            round++;
            using var scope = NewDisposeScope();
            log.Add(round, _model.LearningRate, Measure(), readNow: stopping is not null);
            if (stopping?.IsBest(round, log.Last!.ValidationLoss!.Value) == true)
                kept = log.Last;
            isWorthIt = !GoesOn() || TrainingLoop.IsWorthGoingOn(milestones, round, log, kept);
            if (GoesOn())
                checkpointer?.Offer(this, log, kept);
        }
        log.Read();
        // Nothing may have been left to grow after a checkpoint.
        kept ??= log.Last ?? checkpoint!.Header.Last;
        return (new TreeEnsemble([.. _forests.SelectMany(forest => forest.TreesOf(kept.Epoch))], train.Width, target.Width), kept, round);

        bool GoesOn() => isWorthIt && round < spec.MostEpochs && (_growing.Count > 0 || round == 0) && stopping?.ShouldStop(round) != true;
    }

    public TrainingCheckpoint Capture(CheckpointOrigin origin, EpochReport last, EpochReport? kept)
    {
        using var scope = NewDisposeScope();
        var trees = _forests.Select(forest => Encoding.UTF8.GetBytes(forest.Text)).ToList();
        var header = new CheckpointHeader
        {
            Origin = origin,
            Last = last,
            Kept = kept,
            Steps = last.Epoch,
            Tensors = [.. trees.Select((text, index) => new CheckpointHeader.TensorEntry(NameOf(index), text.Length))],
        };
        return new TrainingCheckpoint(header, CheckpointFile.Write(header, [.. trees.Select(text => tensor(text))]));
    }

    public void Restore(TrainingCheckpoint checkpoint)
    {
        var saved = CheckpointFile.TensorsOf(checkpoint.Header, checkpoint.Content);
        _before = [.. Enumerable.Range(0, saved.Count).Select(index => Encoding.UTF8.GetString(saved[NameOf(index)].Span))];
    }

    public void Dispose()
    {
        foreach (var forest in _forests)
            forest.Dispose();
    }

    private static string NameOf(int forest) => $"trees/{forest}";

    private void Plant(int rounds)
    {
        using var scope = NewDisposeScope();
        var weights = spec.Loss is CrossEntropyLossSpec entropy ? ClassWeights.Of(entropy.ClassWeights, (ClassEncoding)target, train) : null;
        var trainRows = TreeRows.Of(train, _targets, weights);
        var validationRows = validation is null ? null : TreeRows.Of(validation, _validationTargets!, weights);
        var forests = new List<Forest>();
        _forests = forests;
        foreach (var (index, rows) in trainRows.Index())
            forests.Add(new Forest(rows, validationRows?[index], _parameters, OutputsOf(index), _before.ElementAtOrDefault(index) ?? ""));
        _growing = [.. forests.Where(forest => !forest.HasEnded(rounds))];
    }

    private int[] OutputsOf(int forest) => target switch
    {
        ClassEncoding { Width: 2 } => [1],
        ClassEncoding => [.. Enumerable.Range(0, target.Width)],
        _ => [forest],
    };

    /// <returns>The training loss, then the validation loss and accuracy where there are such.</returns>
    private Tensor Measure() => stack(
    [
        loss.Of(AnswerTo(train, isValidation: false), _targets),
        .. validation is null ? [] : head.Measure(loss, AnswerTo(validation, isValidation: true), _validationTargets!),
    ]);

    private Tensor AnswerTo(SampleSource samples, bool isValidation)
    {
        var output = new float[samples.Count * target.Width];
        foreach (var forest in _forests)
            forest.Answer(isValidation, output, target.Width);
        return tensor(output, [samples.Count, target.Width]);
    }
}
