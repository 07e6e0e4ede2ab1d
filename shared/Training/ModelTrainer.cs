using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Checkpoints;
using Mlops.Training.Features;
using Mlops.Training.Heads;
using Mlops.Training.Loop;
using Mlops.Training.Losses;
using Mlops.Training.Networks;
using Mlops.Training.Selection;
using Mlops.Training.Trees;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace Mlops.Training;

/// <summary>
/// Trains a model. The same input on the CPU gives the same bits: chance comes from the spec's seed alone, and libtorch is set
/// to one thread for the whole process, which is the fastest for small networks too. Trainings may run side by side.
/// </summary>
/// <param name="time">Measures how long epochs take.</param>
public sealed class ModelTrainer(TimeProvider time)
{
    /// <summary>Whether this process can train on a CUDA device.</summary>
    public static bool HasCuda => cuda.is_available();

    /// <summary>Fits preprocessing, and network or trees.</summary>
    /// <param name="input">Spec, rows, and how checkpoints are kept.</param>
    /// <param name="progress">Told of every epoch in order, on this thread; epochs of a few milliseconds come in bursts.</param>
    /// <param name="cancellation">Looked at between batches, or rounds.</param>
    /// <returns>The trained model, which the caller disposes.</returns>
    /// <exception cref="Fault">
    /// The rows or the spec cannot be trained on, or the loss stopped being a finite number. Conflict: the checkpoint to go on
    /// from is of another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancellation was requested.</exception>
    public TrainedModel Train(TrainingInput input, IProgress<EpochReport>? progress = null, CancellationToken cancellation = default) =>
        Train(input, progress, initialise: null, cancellation);

    /// <summary>The same, with a say in the initial weights.</summary>
    internal TrainedModel Train(TrainingInput input, IProgress<EpochReport>? progress, Action<Network>? initialise, CancellationToken cancellation)
    {
        Require(input);
        set_num_threads(1);
        if (input.IsRefitted && input.Checkpointing?.ResumeFrom?.Header.Origin.FirstFit is { } before)
            return Fit(input.After(before), progress, initialise, cancellation);
        var model = input.Spec.Model is AutoModelSpec open ? Pick(input, open, progress, initialise, cancellation) : Fit(input, progress, initialise, cancellation);
        if (!input.IsRefitted)
            return model;
        using (model)
        {
            var all = WithModel(input, model.Model).After(new FirstFit(model.Kept, model.Epochs, model.TrainRows, model.Elapsed));
            var refitted = Fit(all with { Checkpointing = all.Checkpointing is { } taken ? taken with { ResumeFrom = null } : null }, progress, initialise, cancellation);
            refitted.Candidates = model.Candidates;
            return refitted;
        }
    }

    /// <summary>Fits preprocessing, and network or trees, once.</summary>
    private TrainedModel Fit(TrainingInput input, IProgress<EpochReport>? progress, Action<Network>? initialise, CancellationToken cancellation)
    {
        var spec = input.Spec;
        var preprocessing = Preprocessing.Fit(input.Train, spec);
        var head = Head.Of(preprocessing.Target, spec.Loss);
        if (spec.Model is BoostedTreesSpec)
            return GrowTrees(input, preprocessing, head, progress, cancellation);
        RequireFeatures(spec, preprocessing);
        try
        {
            return TrainNetwork(input, preprocessing, head, notes: [], progress, initialise, cancellation);
        }
        catch (Exception exception) when (MemoryShortage.Is(exception))
        {
            var (halved, note) = MemoryShortage.Halve(input);
            try
            {
                return TrainNetwork(halved, preprocessing, head, [note], progress, initialise, cancellation);
            }
            catch (Exception again) when (MemoryShortage.Is(again))
            {
                throw MemoryShortage.StillShort(halved);
            }
        }
    }

    private TrainedModel TrainNetwork(
        TrainingInput input, Preprocessing preprocessing, Head head, IReadOnlyList<string> notes, IProgress<EpochReport>? progress, Action<Network>? initialise, CancellationToken cancellation)
    {
        var spec = input.Spec;
        var device = DeviceChoice.For(spec.Training.Device);
        if (spec.Training.Precision == Precision.MixedBfloat16 && !DeviceChoice.HasBfloat16(device))
        {
            input = input with { Spec = spec = spec with { Training = spec.Training with { Precision = Precision.Full } } };
            notes = [.. notes, $"{DeviceChoice.NameOf(device)} does not multiply numbers of bfloat16: it was trained in 32 bits"];
        }
        var network = Network.Build(spec.Model, RowLayout.Of(preprocessing), head.Outputs, spec.Training.Seed);
        try
        {
            if (network.NeedsSeveralRows && (input.Train.Rows == 1 || (spec.Training.BatchSize == 1 && !spec.Optimizer.IsFullBatch)))
                throw Fault.Invalid("training.batchSize", "1 is not accepted with model.normalization batch, which needs several rows; 2 or more training rows a batch are, or another normalization");
            initialise?.Invoke(network);
            network.MoveTo(device);
            var (kept, epochs, elapsed, note) = Run(input, preprocessing, network, head, device, progress, cancellation);
            network.MoveTo(CPU);
            return new TrainedModel(network, preprocessing, head, input, kept, epochs, elapsed)
            {
                Device = DeviceChoice.NameOf(device),
                Backend = DeviceChoice.Backend(device),
                BatchSize = spec.Training.BatchSize,
                Notes = [.. notes, .. NotesOf(input, preprocessing, note)],
            };
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private TrainedModel Pick(TrainingInput input, AutoModelSpec spec, IProgress<EpochReport>? progress, Action<Network>? initialise, CancellationToken cancellation) =>
        new ModelSelection(time, (candidate, reports, stop) => Fit(WithModel(input, candidate), reports, initialise, stop))
            .Run(Candidates.Of(input.Spec, Preprocessing.Fit(input.Train, input.Spec)), TimeSpan.FromSeconds(spec.BudgetSeconds), progress, cancellation);

    // Where the architecture is picked, a checkpoint would be of one candidate; the budget bounds what is lost without.
    private static TrainingInput WithModel(TrainingInput input, ModelSpec model) => input.Spec.Model is AutoModelSpec
        ? input with { Spec = input.Spec with { Model = model }, Checkpointing = null, Milestones = null }
        : input;

    private (EpochReport Kept, int Epochs, TimeSpan Elapsed, string? Note) Run(
        TrainingInput input, Preprocessing preprocessing, Network network, Head head, Device device, IProgress<EpochReport>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var rows = TrainingSamples.Of(input, preprocessing, device);
        // Another stream than the one that the initial weights came from.
        using var generator = new Generator(~(uint)input.Spec.Training.Seed, device);
        using var log = LogOf(input, progress);
        using var loss = Loss.Create(input.Spec.Loss, preprocessing.Target, rows.Train);
        using var loop = new TrainingLoop(network, input.Spec, rows.Train, rows.Validation, generator, loss, head);
        var (kept, epochs) = loop.Run(log, CheckpointerOf(input, rows, DeviceChoice.Backend(device)), input.Milestones, cancellation);
        return (kept, epochs, log.Elapsed, rows.Note);
    }

    private TrainedModel GrowTrees(
        TrainingInput input, Preprocessing preprocessing, Head head, IProgress<EpochReport>? progress, CancellationToken cancellation)
    {
        LightGbm.Require();
        using var scope = NewDisposeScope();
        using var rows = TrainingSamples.Of(input, preprocessing, CPU);
        using var log = LogOf(input, progress);
        using var loss = Loss.Create(input.Spec.Loss, preprocessing.Target, rows.Train);
        using var boosting = new Boosting(input.Spec, rows.Train, rows.Validation, preprocessing.Target, loss, head);
        var (trees, kept, rounds) = boosting.Run(log, CheckpointerOf(input, rows, LightGbm.Backend), input.Milestones, cancellation);
        return new TrainedModel(trees, preprocessing, head, input, kept, rounds, log.Elapsed)
        {
            Device = DeviceChoice.NameOf(CPU),
            Backend = LightGbm.Backend,
            Notes = NotesOf(input, preprocessing, rows.Note),
        };
    }

    private static IReadOnlyList<string> NotesOf(TrainingInput input, Preprocessing preprocessing, string? ofRows) =>
    [
        .. input.Notes,
        .. preprocessing.Constants.Select(name => $"{name}: every training row has the same value, which tells a model nothing; \"ignore\" under columns leaves it out"),
        .. ofRows is null ? [] : new[] { ofRows },
    ];

    private EpochLog LogOf(TrainingInput input, IProgress<EpochReport>? progress) => new(input.Spec, input.RefitEpochs, time, progress);

    private Checkpointer? CheckpointerOf(TrainingInput input, TrainingSamples rows, string backend) => input.Checkpointing is { } checkpointing
        ? new Checkpointer(checkpointing, () => CheckpointOrigin.Of(input.Spec, rows.Train, rows.Validation, backend) with { FirstFit = input.FirstFit }, rows.Bytes, time)
        : null;

    private static void RequireFeatures(PipelineSpec spec, Preprocessing preprocessing)
    {
        if (spec.Model is CnnSpec && !preprocessing.IsOfNumbers)
            throw Fault.Invalid("model.type", $"cnn is not accepted with columns of texts ({preprocessing.Features.First(feature => feature.Source == ColumnType.Categorical).Name}); mlp is, or \"ignore\" under columns");
        var texts = preprocessing.Features.Where(feature => feature is TermsFeature or TokensFeature).Select(feature => feature.Name).ToList();
        if (spec.Model is TextBagSpec && texts.Count == 0)
            throw Fault.Invalid("model.type", "text-bag is not accepted without a column of running text; mlp is, or a column with preprocessing encoding text");
        if (spec.Model is TextTransformerSpec && texts.Count != 1)
            throw Fault.Invalid("model.type", $"text-transformer is accepted with one column of running text; there are {texts.Count}{(texts.Count == 0 ? "" : $" ({string.Join(", ", texts)})")}: text-bag is accepted with more, mlp with none");
    }

    private static void Require(TrainingInput input)
    {
        if (input.Spec.Training.EarlyStopping is not null && input.Validation.Rows == 0)
            throw Fault.Invalid("training.earlyStopping", "not accepted while there are no validation rows, which it looks at; null is");
    }
}
