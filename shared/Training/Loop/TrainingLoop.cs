using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Training.Checkpoints;
using Mlops.Training.Networks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Mlops.Training.Loop;

/// <summary>Steps a network's weights over the training rows until the epochs are done or the validation loss no longer falls.</summary>
internal sealed class TrainingLoop(Network network, PipelineSpec spec, Samples train, Samples? validation, Generator generator)
{
    private readonly Dropout _dropout = new(DropoutOf(spec.Model), generator);
    private readonly Penalty _penalty = new(spec.Regularization, network.Weights);
    private readonly long _batchSize = Math.Min(spec.Training.BatchSize, train.Count);

    /// <summary>Runs to the end.</summary>
    /// <returns>The report of the epoch whose weights the network has, and the number of epochs that ran.</returns>
    /// <exception cref="Fault">The loss or the weights stopped being finite numbers, or the checkpoint is of another training.</exception>
    public (EpochReport Kept, int Epochs) Run(EpochLog log, Checkpointer? checkpointer, CancellationToken cancellation)
    {
        using var optimizer = Optimizers.Create(spec.Optimizer, network.Parameters);
        using var best = new WeightSnapshot(network.Parameters);
        var stopping = spec.Training.EarlyStopping is { } earlyStopping ? new EarlyStopping(earlyStopping) : null;
        var state = new LoopState(network.Parameters, best, optimizer, generator);
        var (epoch, kept) = checkpointer?.Resume(state) is { } checkpoint ? GoOn(checkpoint.Header, log, stopping) : (0, null);
        while (GoesOn())
        {
            epoch++;
            using var scope = NewDisposeScope();
            log.Add(epoch, RunEpoch(optimizer, cancellation), readNow: stopping is not null);
            if (stopping?.IsBest(epoch, log.Last!.ValidationLoss!.Value) == true)
            {
                best.Take();
                kept = log.Last;
            }
            if (GoesOn())
                checkpointer?.Offer(state, log, kept);
        }
        log.Read();
        if (kept is not null)
            best.Restore();
        RequireFiniteWeights(epoch);
        return (kept ?? log.Last!, epoch);

        bool GoesOn() => epoch < spec.Training.Epochs && stopping?.ShouldStop(epoch) != true;
    }

    private static (int Epoch, EpochReport? Kept) GoOn(CheckpointHeader from, EpochLog log, EarlyStopping? stopping)
    {
        log.ResumeAfter(from.Last.Elapsed);
        // The best epoch is all that early stopping knows of those before.
        if (from.Kept is { } kept)
            stopping?.IsBest(kept.Epoch, kept.ValidationLoss!.Value);
        return (from.Last.Epoch, from.Kept);
    }

    /// <returns>The training loss, then the validation loss and accuracy where there are such.</returns>
    private Tensor RunEpoch(optim.Optimizer optimizer, CancellationToken cancellation)
    {
        var trainingLoss = _batchSize == train.Count ? Step(optimizer, train, cancellation) : RunBatches(optimizer, cancellation);
        return stack([trainingLoss, .. Validate()]);
    }

    private Tensor RunBatches(optim.Optimizer optimizer, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var shuffled = train.Select(randperm(train.Count, ScalarType.Int64, generator.device, generator: generator));
        var losses = new List<Tensor>();
        var shares = new List<float>();
        for (var start = 0L; start < train.Count; start += _batchSize)
        {
            var count = Math.Min(_batchSize, train.Count - start);
            losses.Add(Step(optimizer, shuffled.Slice(start, count), cancellation));
            shares.Add((float)count / train.Count);
        }
        return stack(losses).dot(tensor(shares, device: generator.device)).MoveToOuterDisposeScope();
    }

    private Tensor Step(optim.Optimizer optimizer, Samples batch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var loss = Loss(network.Forward(batch.Inputs, _dropout), batch.Targets);
        _penalty.AddTo(loss).backward();
        optimizer.step();
        return loss.detach().MoveToOuterDisposeScope();
    }

    private Tensor[] Validate()
    {
        if (validation is null)
            return [];
        using var _ = no_grad();
        var output = network.Forward(validation.Inputs, dropout: null);
        var loss = Loss(output, validation.Targets);
        return spec.Task == TaskKind.Regression
            ? [loss]
            : [loss, output.argmax(1).eq(validation.Targets).to(ScalarType.Float32).mean()];
    }

    private Tensor Loss(Tensor output, Tensor targets) =>
        spec.Task == TaskKind.Classification ? cross_entropy(output, targets) : mse_loss(output, targets);

    // A loss is computed before its step, so that the last step may have ruined the weights unseen.
    private void RequireFiniteWeights(int epoch)
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in network.Parameters)
            if (!parameter.isfinite().all().item<bool>())
                throw EpochLog.Diverged("a weight", parameter.isnan().any().item<bool>() ? double.NaN : double.PositiveInfinity, epoch, spec.Optimizer.LearningRate);
    }

    private static double DropoutOf(ModelSpec model) => model switch
    {
        MlpSpec mlp => mlp.Dropout,
        CnnSpec cnn => cnn.Dropout,
        _ => 0,
    };
}
