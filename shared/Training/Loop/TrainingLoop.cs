using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Training.Checkpoints;
using Mlops.Training.Gradients;
using Mlops.Training.Heads;
using Mlops.Training.Losses;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>Steps a network's weights over the training rows until the epochs are done or the loss no longer falls.</summary>
internal sealed class TrainingLoop : IDisposable
{
    private readonly Network _network;
    private readonly PipelineSpec _spec;
    private readonly SampleSource _train;
    private readonly SampleSource? _validation;
    private readonly Generator _generator;
    private readonly Loss _loss;
    private readonly Head _head;
    private readonly FlatWeights _weights;
    private readonly GradientShaping _shaping;
    private readonly Optimizer _optimizer;
    private readonly Objective _objective;
    private readonly LearningRates _rates;
    private readonly long _batchSize;

    /// <summary>A loop whose network's weights move into its own memory.</summary>
    /// <param name="network">On the device of the samples.</param>
    /// <param name="spec">Says the rest.</param>
    /// <param name="train">What is learned from.</param>
    /// <param name="validation">What early stopping looks at; null where there are no rows.</param>
    /// <param name="generator">Of the order of rows and of dropout.</param>
    /// <param name="loss">What is made small; it belongs to the caller.</param>
    /// <param name="head">Tells the classes that the network answers.</param>
    public TrainingLoop(Network network, PipelineSpec spec, SampleSource train, SampleSource? validation, Generator generator, Loss loss, Head head)
    {
        (_network, _spec, _train, _validation, _generator, _loss, _head) = (network, spec, train, validation, generator, loss, head);
        _batchSize = spec.Optimizer.IsFullBatch ? train.Count : Math.Min(spec.Training.BatchSize, train.Count);
        _weights = new FlatWeights(network.NamedParameters);
        _shaping = new GradientShaping(spec.Regularization, _weights);
        _optimizer = Optimizer.Create(spec.Optimizer, _weights);
        var pass = new TrainingPass(((NetworkSpec)spec.Model).Dropout, generator, spec.Training.Precision == Precision.MixedBfloat16);
        _objective = new Objective(BatchGradients.Of(network, loss, _weights, pass, _batchSize), _shaping);
        _rates = new LearningRates(spec.Optimizer, Batches, spec.Training.Epochs);
    }

    private long Batches => HasLonelyRow ? _train.Count / _batchSize : (_train.Count + _batchSize - 1) / _batchSize;

    // A row that is left over joins the last batch where it could not be one by itself.
    private bool HasLonelyRow => _network.NeedsSeveralRows && _train.Count % _batchSize == 1;

    /// <summary>Runs to the end.</summary>
    /// <returns>The report of the epoch whose weights the network has, and the number of epochs that ran.</returns>
    /// <exception cref="Fault">The loss or the weights stopped being finite numbers, or the checkpoint is of another training.</exception>
    public (EpochReport Kept, int Epochs) Run(EpochLog log, Checkpointer? checkpointer, Milestones? milestones, CancellationToken cancellation)
    {
        using var best = new WeightSnapshot([_weights.Values, .. _network.Buffers]);
        var stopping = _spec.Training.EarlyStopping is { } earlyStopping ? new EarlyStopping(earlyStopping) : null;
        var state = new LoopState(_weights, _network.Buffers, best, _optimizer, _rates.Plateau, _generator);
        var (epoch, kept) = checkpointer?.Resume(state) is { } checkpoint ? GoOn(checkpoint.Header, log, stopping) : (0, null);
        var isWorthIt = true;
        while (GoesOn())
        {
            epoch++;
            using var scope = NewDisposeScope();
            var measures = RunEpoch(epoch, log, cancellation);
            log.Add(epoch, _rates.At(_optimizer.Steps - 1), measures, readNow: stopping is not null || _rates.Plateau is not null);
            if (stopping?.IsBest(epoch, log.Last!.ValidationLoss!.Value) == true)
            {
                best.Take();
                kept = log.Last;
            }
            _rates.Plateau?.Take(log.Last!.ValidationLoss ?? log.Last.TrainingLoss);
            isWorthIt = !GoesOn() || IsWorthGoingOn(milestones, epoch, log, kept);
            if (GoesOn())
                checkpointer?.Offer(state, log, kept);
        }
        log.Read();
        if (kept is not null)
            best.Restore();
        RequireFiniteWeights(epoch);
        return (kept ?? log.Last!, epoch);

        bool GoesOn() => isWorthIt && epoch < _spec.Training.Epochs && !_optimizer.HasConverged && stopping?.ShouldStop(epoch) != true;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _shaping.Dispose();
        _weights.Dispose();
    }

    /// <summary>Tells a loop's log and early stopping of what was before a checkpoint.</summary>
    public static (int Epoch, EpochReport? Kept) GoOn(CheckpointHeader from, EpochLog log, EarlyStopping? stopping)
    {
        log.ResumeAfter(from.Last.Elapsed);
        // The best epoch is all that early stopping knows of those before.
        if (from.Kept is { } kept)
            stopping?.IsBest(kept.Epoch, kept.ValidationLoss!.Value);
        return (from.Last.Epoch, from.Kept);
    }

    /// <summary>Asks about an epoch that is a milestone.</summary>
    public static bool IsWorthGoingOn(Milestones? milestones, int epoch, EpochLog log, EpochReport? kept)
    {
        if (milestones?.Epochs.Contains(epoch) != true)
            return true;
        log.Read();
        return milestones.GoesOn(epoch, kept ?? log.Last!);
    }

    /// <returns>The training loss, then the validation loss and accuracy where there are such.</returns>
    private Tensor RunEpoch(int epoch, EpochLog log, CancellationToken cancellation)
    {
        try
        {
            var trainingLoss = _batchSize == _train.Count ? Step(_train.All, $"epoch {epoch}", cancellation) : RunBatches(epoch, cancellation);
            return stack([trainingLoss, .. Validate()]);
        }
        catch (Fault)
        {
            // The epochs before it are told all the same.
            log.Read();
            throw;
        }
    }

    private Tensor RunBatches(int epoch, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var order = randperm(_train.Count, ScalarType.Int64, _generator.device, generator: _generator);
        var losses = new List<Tensor>();
        var shares = new List<float>();
        foreach (var rows in _train.Shuffled(order, _batchSize, Batches))
        {
            losses.Add(Step(rows, $"epoch {epoch}, batch {losses.Count + 1} of {Batches}", cancellation));
            shares.Add((float)rows.Count / _train.Count);
        }
        return stack(losses).dot(tensor(shares, device: _generator.device)).MoveToOuterDisposeScope();
    }

    private Tensor Step(Samples batch, string place, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var loss = _objective.Evaluate(batch, value => Divergence.Of("the loss", value, place, _spec, Divergence.LargestGradient(_weights)));
        _optimizer.Step(
            _rates.At(_optimizer.Steps),
            () => _objective.WithPenalties(loss),
            () => _objective.WithPenalties(_objective.Evaluate(batch, diverged: null)));
        _shaping.ShapeWeights();
        return loss.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private Tensor[] Validate()
    {
        if (_validation is null)
            return [];
        using var _ = no_grad();
        return _head.Measure(_loss, slice => _network.Forward(slice.Inputs, pass: null), _validation);
    }

    // A loss is computed before its step, so that the last step may have ruined the weights unseen.
    private void RequireFiniteWeights(int epoch)
    {
        using var scope = NewDisposeScope();
        if (_weights.Values.isfinite().all().item<bool>())
            return;
        var range = _weights.Ranges.First(range => !range.Of(_weights.Values).isfinite().all().item<bool>());
        var value = range.Of(_weights.Values).isnan().any().item<bool>() ? double.NaN : double.PositiveInfinity;
        throw Divergence.Of($"a weight of {range.Name}", value, $"epoch {epoch}", _spec);
    }
}
