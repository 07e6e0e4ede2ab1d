using System.Runtime.InteropServices;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Gradients;
using Mlops.Training.Optimization;
using Shouldly;
using TorchSharp;
using Xunit;

namespace Mlops.UnitTests.Training;

[Collection(TrainingCollection.Name)]
public sealed class ModelTrainerTests
{
    private static readonly PipelineSpec Spec = Given.Classification("species") with
    {
        Model = new MlpSpec { Hidden = [16], Dropout = 0.3 },
        Training = new TrainingSpec { Epochs = 20, BatchSize = 32, EarlyStopping = null, Device = Device.Cpu },
    };

    [Fact]
    public async Task Train_SameSeed_GivesTheSameBytesEvenSideBySide()
    {
        var table = Given.Mixed(200, seed: 3);
        byte[] Run(int seed)
        {
            using var model = Given.Train(Spec with { Training = Spec.Training with { Seed = seed } }, table);
            return model.ToOnnx();
        }

        var alone = Run(1);
        var together = await Task.WhenAll(Task.Run(() => Run(1)), Task.Run(() => Run(2)));

        together[0].ShouldBe(alone);
        together[1].ShouldNotBe(alone);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(1000)]
    public void Train_ManyEpochs_KeepsNoTensors(int batchSize)
    {
        var spec = Spec with { Training = Spec.Training with { Epochs = 60, BatchSize = batchSize, EarlyStopping = new EarlyStoppingSpec { Patience = 60 } } };
        var before = Live;
        var live = new List<long>();

        using (var model = Given.Train(spec, Given.Mixed(200, seed: 3), Given.Mixed(50, seed: 9), _ => live.Add(Live)))
        {
            model.ToOnnx();
            live.Count.ShouldBe(60);
            live.Skip(5).Distinct().ShouldHaveSingleItem();
        }

        Live.ShouldBe(before);
    }

    [Fact]
    public void Train_Reports_EveryEpochInOrder()
    {
        var reports = new List<EpochReport>();

        using var model = Given.Train(Spec, Given.Mixed(200, seed: 3), Given.Mixed(50, seed: 9), reports.Add);

        reports.Select(report => report.Epoch).ShouldBe(Enumerable.Range(1, 20));
        reports.Select(report => report.Elapsed).ShouldBeInOrder();
        reports.ShouldAllBe(report => report.ValidationLoss > 0 && report.ValidationAccuracy >= 0 && report.ValidationAccuracy <= 1);
        reports[^1].TrainingLoss.ShouldBeLessThan(reports[0].TrainingLoss);
        (model.Kept, model.Epochs).ShouldBe((reports[^1], 20));
        model.Device.ShouldBe("cpu");
    }

    [Fact]
    public void Train_Validation_MeasuresLossAndAccuracyOfTheModel()
    {
        var (train, validation) = (Given.Mixed(200, seed: 3), Given.Mixed(50, seed: 9));

        using var model = Given.Train(Spec, train, validation);

        model.Kept.ValidationLoss!.Value.ShouldBe(LogLoss(model, validation), 1e-4);
        model.Kept.ValidationAccuracy!.Value.ShouldBe(Accuracy(model, validation), 1e-6);
    }

    [Fact]
    public void Train_EarlyStopping_GoesBackToTheBestEpoch()
    {
        var spec = Spec with
        {
            Model = new MlpSpec { Hidden = [64], Dropout = 0 },
            Optimizer = new AdamSpec { LearningRate = 0.05 },
            Training = Spec.Training with { Epochs = 200, EarlyStopping = new EarlyStoppingSpec { Patience = 7 } },
        };
        var validation = Given.Mixed(60, seed: 9);
        var losses = new List<double>();

        using var model = Given.Train(spec, Given.Mixed(60, seed: 3), validation, report => losses.Add(report.ValidationLoss!.Value));

        model.Kept.Epoch.ShouldBe(losses.IndexOf(losses.Min()) + 1);
        model.Epochs.ShouldBe(model.Kept.Epoch + 7);
        model.Epochs.ShouldBeLessThan(200);
        LogLoss(model, validation).ShouldBe(losses.Min(), 1e-4);
    }

    [Fact]
    public void Train_EarlyStoppingWithoutValidationRows_Faults() =>
        Should.Throw<Fault>(() => Given.Train(Spec with { Training = new TrainingSpec() }, Given.Mixed(50, seed: 3)))
            .Problems[0].Field.ShouldBe("training.earlyStopping");

    // One number x = 1, target 0, weight 1: the error grows by the factor 1 − 2·lr a step, so by 1e20 a step at this rate.
    // Its square leaves the range of a float (3.4e38) in the second epoch.
    [Fact]
    public void Train_LossThatIsNoNumber_NamesTheEpoch()
    {
        var table = Given.Matrices(1, ([1], 1), ([0], 1));
        var spec = Given.Regression("y0") with
        {
            Model = new MlpSpec { Hidden = [] },
            Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = TargetScaling.None },
            Optimizer = new SgdSpec { LearningRate = 1e20 },
        };
        var reported = new List<int>();

        var fault = Should.Throw<Fault>(() => Given.Train(spec, table, progress: report => reported.Add(report.Epoch), initialise: network => network.Set([[1], [0]])));

        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Message.ShouldBe("training.loss: the loss became infinite at epoch 2, after a step whose largest gradient was that of output.weight (2); a smaller optimizer.learningRate (now 1E+20) or regularization.clipNorm is accepted");
        reported.ShouldBe([1]);
    }

    // The first step makes the weight −∞ (the gradient leaves the range of a float); times the second row's 0 that is NaN.
    [Fact]
    public void Train_LossThatIsNaN_NamesTheEpoch()
    {
        var spec = Given.Regression("y0") with
        {
            Model = new MlpSpec { Hidden = [] },
            Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = TargetScaling.None },
            Optimizer = new SgdSpec { LearningRate = 10 },
        };

        Should.Throw<Fault>(() => Given.Train(spec, Given.Matrices(2, ([1e30, 0], 1), ([0, 0], 1)), initialise: network => network.Set([[1e-15f], [0]])))
            .Message.ShouldStartWith("training.loss: the loss became NaN at epoch 2, after a step whose largest gradient was that of output.weight (Infinity); ");
    }

    // Of two batches of a row each, only one can overflow: |x| = 1e30 and a loss of x², while the other's is 0 and steps nothing.
    [Fact]
    public void Train_LossOfABatchThatIsNoNumber_NamesTheBatch()
    {
        var spec = Given.Regression("y0") with
        {
            Model = new MlpSpec { Hidden = [] },
            Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = TargetScaling.None },
            Training = new TrainingSpec { BatchSize = 1, EarlyStopping = null, Device = Device.Cpu },
        };

        Should.Throw<Fault>(() => Given.Train(spec, Given.Matrices(2, ([1e30, 0], 1), ([0, 0], 1)), initialise: network => network.Set([[1], [0]])))
            .Message.ShouldMatch("^training.loss: the loss became infinite at epoch 1, batch [12] of 2, before any step; ");
    }

    [Fact]
    public void Train_LastStepThatRuinsTheWeights_Faults()
    {
        var table = Given.Matrices(1, ([1e30], 1), ([0], 1));
        var spec = Given.Regression("y0") with
        {
            Model = new MlpSpec { Hidden = [] },
            Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = TargetScaling.None },
            Optimizer = new SgdSpec { LearningRate = 1000 },
            Training = new TrainingSpec { Epochs = 1, EarlyStopping = null, Device = Device.Cpu },
        };

        Should.Throw<Fault>(() => Given.Train(spec, table, initialise: network => network.Set([[1e-15f], [0]])))
            .Message.ShouldStartWith("training.loss: a weight of output.weight became infinite at epoch 1; ");
    }

    [Fact]
    public void Train_Cancelled_StopsBetweenBatches()
    {
        using var cancellation = new CancellationTokenSource();
        var spec = Spec with { Training = Spec.Training with { EarlyStopping = new EarlyStoppingSpec() } };
        var last = 0;

        Should.Throw<OperationCanceledException>(() => Given.Train(spec, Given.Mixed(100, 3), Given.Mixed(30, 9), report =>
        {
            last = report.Epoch;
            if (last == 3)
                cancellation.Cancel();
        }, cancellation: cancellation.Token));

        last.ShouldBe(3);
    }

    [Fact]
    public void Train_CudaWhereThereIsNone_IsUnavailable()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "there is a CUDA device");

        Should.Throw<Fault>(() => Given.Train(Spec with { Training = Spec.Training with { Device = Device.Cuda } }, Given.Mixed(50, 3)))
            .Kind.ShouldBe(FaultKind.Unavailable);
    }

    [Theory]
    [InlineData("cpu", 2, null)]
    [InlineData("auto", 0, null)]
    [InlineData("auto", 2, 0)]
    [InlineData("cuda", 1, 0)]
    [InlineData("cuda:1", 2, 1)]
    public void Device_Chosen_IsTheOneAskedFor(string wanted, int devices, int? index) => DeviceChoice.Choose(Device.Parse(wanted)!.Value, devices).ShouldBe(index);

    [Theory]
    [InlineData("cuda", 0, "cuda was asked for and this worker has no CUDA device; auto and cpu are accepted here")]
    [InlineData("cuda:1", 1, "cuda:1 was asked for and this worker has one CUDA device; auto, cpu, cuda and cuda:0 are accepted here")]
    [InlineData("cuda:4", 2, "cuda:4 was asked for and this worker has 2 CUDA devices; auto, cpu, cuda and cuda:0 to cuda:1 are accepted here")]
    public void Device_NotThere_IsUnavailable(string wanted, int devices, string message)
    {
        var fault = Should.Throw<Fault>(() => DeviceChoice.Choose(Device.Parse(wanted)!.Value, devices));
        (fault.Kind, fault.Message).ShouldBe((FaultKind.Unavailable, $"training.device: {message}"));
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB")]
    [InlineData("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 5000000000000 bytes.")]
    [InlineData(null)]
    public void Train_MemoryTooSmallOnce_IsTrainedInHalfTheBatch_AndSaysSo(string? message)
    {
        var tries = 0;
        using var model = Given.Train(Spec, Given.Mixed(100, 3), initialise: _ =>
        {
            if (++tries == 1)
                RunShort(message);
        });
        using var halved = Given.Train(Spec with { Training = Spec.Training with { BatchSize = 16 } }, Given.Mixed(100, 3));

        model.ToOnnx().ShouldBe(halved.ToOnnx());
        model.Notes.ShouldBe(["batches of 32 rows did not fit into the device's memory: it was trained in batches of 16"]);
        model.Describe().BatchSize.ShouldBe(16);
    }

    [Theory]
    [InlineData(32, "CUDA out of memory.", "training.batchSize: neither 32 rows nor 16 fit into the device's memory; fewer are accepted, or a smaller model")]
    [InlineData(32, null, "training.batchSize: neither 32 rows nor 16 fit into the device's memory; fewer are accepted, or a smaller model")]
    [InlineData(1, "CUDA out of memory.", "model: one row does not fit into the device's memory; a smaller model is accepted")]
    public void Train_MemoryTooSmallForHalfTheBatch_Faults(int batchSize, string? libtorch, string message) =>
        Should.Throw<Fault>(() => Given.Train(Spec with { Training = Spec.Training with { BatchSize = batchSize } }, Given.Mixed(100, 3), initialise: _ => RunShort(libtorch)))
            .Message.ShouldBe(message);

    [Fact]
    public void Train_MemoryTooSmallForAnOptimizerOfAllRows_NamesIt() =>
        Should.Throw<Fault>(() => Given.Train(Spec with { Optimizer = new GradientDescentSpec() }, Given.Mixed(100, 3), initialise: _ => throw new LibTorchException("CUDA out of memory.")))
            .Message.ShouldBe("optimizer.type: all 100 training rows at once, which it wants, do not fit into the device's memory; an optimizer that takes batches is accepted, such as adamw");

    public static TheoryData<ModelSpec> Networks() =>
        [new LinearSpec(), new MlpSpec { Hidden = [16] }, new ResidualMlpSpec { Width = 8, Hidden = 16 }, new EmbeddingMlpSpec { Hidden = [16] }];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Train_MixedPrecision_ComputesInOtherNumbers_AndLearnsAsWell(ModelSpec model) => LearnsInMixedPrecision(Spec with { Model = model }, Given.Mixed(200, 3), 0.1);

    [Fact]
    public void Train_MixedPrecision_OfImagesAndTexts_LearnsAsWell()
    {
        var images = Given.Clusters(80, 16);
        LearnsInMixedPrecision(Spec with { Target = ["class"], Model = new CnnSpec { Shape = [1, 4, 4], Channels = [4], Hidden = [8], Normalization = Normalization.Batch } }, images, 0.1);
        string[] texts = [.. Enumerable.Range(0, 60).Select(row => row % 2 == 0 ? $"good and cheap {row % 7}" : $"bad and dear {row % 5} indeed")];
        var reviews = new Table([Given.Texts("review", texts), Given.Texts("species", [.. texts.Select(text => text[..1])])]);
        LearnsInMixedPrecision(Spec with { Preprocessing = new PreprocessingSpec { Encoding = TextEncoding.Text }, Model = new TextTransformerSpec { Width = 16, Heads = 2, Hidden = 16, MaxTokens = 8, Dropout = 0 } }, reviews, 0.1);
    }

    private static void LearnsInMixedPrecision(PipelineSpec spec, Table table, double tolerance)
    {
        using var exact = Given.Train(spec, table);
        using var mixed = Given.Train(spec with { Training = spec.Training with { Precision = Precision.MixedBfloat16 } }, table);

        mixed.Kept.TrainingLoss.ShouldBe(exact.Kept.TrainingLoss, tolerance);
        mixed.Kept.TrainingLoss.ShouldNotBe(exact.Kept.TrainingLoss);
        mixed.Notes.ShouldBeEmpty();
        // What is exported, and answers, has numbers of 32 bits.
        mixed.ShouldAgreeWithOnnx(table);
    }

    /// <param name="libtorch">What libtorch says; null where it is .NET that has no memory for a batch.</param>
    private static void RunShort(string? libtorch)
    {
        if (libtorch is not null)
            throw new LibTorchException(libtorch);
        // More than any array may have, so that no memory is touched.
        KeptMemory.Of(int.MaxValue - FlatWeights.Alignment);
    }

    private sealed class LibTorchException(string message) : ExternalException(message);

    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static double LogLoss(TrainedModel model, Table table)
    {
        var (rows, codes) = (model.Predict(table).Chunk(3).ToArray(), CodesOf(model, table));
        return rows.Select((row, index) => -Math.Log(row[codes[index]])).Average();
    }

    private static double Accuracy(TrainedModel model, Table table)
    {
        var (rows, codes) = (model.Predict(table).Chunk(3).ToArray(), CodesOf(model, table));
        return rows.Where((row, index) => Array.IndexOf(row, row.Max()) == codes[index]).Count() / (double)rows.Length;
    }

    private static int[] CodesOf(TrainedModel model, Table table)
    {
        var species = (CategoricalColumn)table["species"];
        return [.. Enumerable.Range(0, table.Rows).Select(row => model.Signature.Classes.ToList().IndexOf(species.TextAt(row)!))];
    }
}
