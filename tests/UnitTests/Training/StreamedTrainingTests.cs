using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Checkpoints;
using Mlops.Training.Features;
using Mlops.Training.Loop;
using Mlops.Training.Networks;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using Device = Mlops.Contracts.Spec.Device;

namespace Mlops.UnitTests.Training;

/// <summary>Rows that lie in a file train the same model, bit by bit, as rows in memory.</summary>
[Collection(TrainingCollection.Name)]
public sealed class StreamedTrainingTests
{
    private static readonly RowMemory None = new(1, Path.GetTempPath());

    private static readonly PipelineSpec Spec = Given.Classification("species") with
    {
        Model = new MlpSpec { Hidden = [16, 8], Dropout = 0.3 },
        Optimizer = new AdamSpec { LearningRate = 0.03 },
        Training = new TrainingSpec { Epochs = 25, BatchSize = 32, EarlyStopping = new EarlyStoppingSpec { Patience = 6 }, Device = Device.Cpu },
    };

    private static readonly Dictionary<string, (PipelineSpec Spec, Table Train, Table? Validation)> Cases = new()
    {
        ["classes, texts and missing cells"] = (Spec, Given.Mixed(500, seed: 3), Given.Mixed(200, seed: 9)),
        ["balanced classes"] = (
            Spec with { Loss = new CrossEntropyLossSpec { LabelSmoothing = 0.1, ClassWeights = new ClassWeightsSpec { Balanced = true } }, Regularization = new RegularizationSpec { L1 = 1e-4, ClipNorm = 1 } },
            Given.Mixed(500, seed: 3), Given.Mixed(200, seed: 9)),
        ["focal loss, batch normalisation, a lonely last row"] = (
            Spec with { Model = new ResidualMlpSpec { Width = 8, Hidden = 12, Dropout = 0.2 }, Loss = new FocalLossSpec() },
            Given.Mixed(321, seed: 4), Given.Mixed(200, seed: 9)),
        ["embeddings, quantiles, medians"] = (
            Spec with { Model = new EmbeddingMlpSpec(), Preprocessing = new PreprocessingSpec { Numeric = Scaling.Quantile, Impute = Imputation.Median } },
            Given.Mixed(500, seed: 3), Given.Mixed(200, seed: 9)),
        ["regression of two targets"] = (
            Given.Regression("y0", "y1") with { Model = Spec.Model, Training = Spec.Training with { EarlyStopping = null }, Optimizer = new SgdSpec { LearningRate = 0.05, Momentum = 0.9 } },
            Given.Matrices(700, (Oracle.Normals(1, 2_100), 3), (Oracle.Normals(2, 1_400), 2)),
            null),
        ["trees of classes, with chance and weights"] = (
            Spec with
            {
                Model = new BoostedTreesSpec { Trees = 12, BaggingFraction = 0.7, FeatureFraction = 0.6 },
                Loss = new CrossEntropyLossSpec { ClassWeights = new ClassWeightsSpec { Balanced = true } },
            },
            Given.Mixed(500, seed: 3), Given.Mixed(200, seed: 9)),
        ["trees of two targets"] = (
            Given.Regression("y0", "y1") with { Model = new BoostedTreesSpec { Trees = 8 } },
            Given.Matrices(700, (Oracle.Normals(1, 2_100), 3), (Oracle.Normals(2, 1_400), 2)),
            null),
        ["running text"] = (
            Given.Regression("stars") with { Model = new TextBagSpec { Hidden = [8] }, Training = Spec.Training with { Epochs = 6 } },
            Reviews(400, 1), Reviews(90, 2)),
        ["images"] = (
            Given.Regression("y0") with { Model = new CnnSpec { Shape = [1, 4, 4], Channels = [3, 4], Hidden = [6], Dropout = 0.2 }, Training = Spec.Training with { Epochs = 6 } },
            Given.Matrices(200, (Oracle.Normals(3, 3_200), 16), (Oracle.Normals(4, 200), 1)),
            Given.Matrices(30, (Oracle.Normals(5, 480), 16), (Oracle.Normals(6, 30), 1))),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Train_RowsInAFile_EndsInTheSameBits(string name)
    {
        var (spec, train, validation) = Cases[name];
        var checkpoints = new List<TrainingCheckpoint>();
        var expected = Run(spec, train, validation, checkpoints);

        // The table is there, and the encoded rows are not; then neither is.
        ShouldBeTheSame(Run(spec, train, validation, [], memory: None), expected);
        using var stored = await StoreAsync(train, validation);
        ShouldBeTheSame(Run(spec, stored.Train, stored.Validation, [], memory: None), expected);
        // A table in a file whose encoded rows have room.
        ShouldBeTheSame(Run(spec, stored.Train, stored.Validation, []), expected);
        // A worker with less memory goes on where one with more was killed, and the other way round.
        var from = checkpoints[checkpoints.Count / 2];
        ShouldBeTheSame(Run(spec, stored.Train, stored.Validation, [], from, None), expected);
        var streamed = new List<TrainingCheckpoint>();
        Run(spec, stored.Train, stored.Validation, streamed, memory: None);
        ShouldBeTheSame(Run(spec, train, validation, [], streamed[^1]), expected);
    }

    [Fact]
    public void Gathered_WindowsOfSeveralBatches_AreTheRowsInTheirOrder()
    {
        using var scope = NewDisposeScope();
        var table = Given.Matrices(20_000, (Oracle.Normals(1, 20_000 * 30), 30), (Oracle.Normals(2, 20_000), 1));
        var preprocessing = Preprocessing.Fit(table, Given.Regression("y0"));
        using var memory = MemorySamples.Of(table, preprocessing, CPU);
        using var file = FileSamples.Write(table, preprocessing, CPU, None);
        using var order = randperm(20_000, ScalarType.Int64);

        foreach (var (found, expected) in file.Shuffled(order, 700, 29).Zip(memory.Shuffled(order, 700, 29)))
        {
            found.Inputs.ToFloats().ShouldBe(expected.Inputs.ToFloats());
            found.Targets.ToFloats().ShouldBe(expected.Targets.ToFloats());
        }
        file.Slices().Sum(slice => slice.Count).ShouldBe(20_000);
        file.Slices().SelectMany(slice => slice.Inputs.ToFloats()).ShouldBe(memory.All.Inputs.ToFloats());
    }

    [Fact]
    public void Measure_SlicesOfWeightedClasses_IsTheMeanOfAllRows()
    {
        var table = Given.Mixed(40_000, seed: 3);
        var spec = Spec with { Loss = new CrossEntropyLossSpec { ClassWeights = new ClassWeightsSpec { Balanced = true } }, Training = Spec.Training with { Epochs = 1, BatchSize = 4_096 } };
        EpochReport? report = null;
        using var model = Given.Train(spec, table, Given.Mixed(40_000, seed: 9), found => report = found);

        var rows = Given.Mixed(40_000, seed: 9);
        var codes = ClassTarget.Of(rows["species"]).Codes.ToArray();
        var counts = ClassTarget.Of(table["species"]).Counts();
        var weights = Array.ConvertAll(codes, code => 1.0 / counts[code]);
        var probabilities = model.Predict(rows);
        var loss = codes.Select((code, row) => -Math.Log(probabilities[(row * counts.Length) + code]) * weights[row]).Sum() / weights.Sum();

        report!.ValidationLoss!.Value.ShouldBe(loss, 1e-5);
        report.ValidationAccuracy!.Value.ShouldBe(
            codes.Select((code, row) => probabilities.AsSpan(row * counts.Length, counts.Length).IndexOf(probabilities.AsSpan(row * counts.Length, counts.Length).ToArray().Max()) == code ? 1.0 : 0).Average(), 1e-5);
    }

    [Theory]
    [InlineData("lbfgs", "optimizer.type: lbfgs looks at all rows at once, and ")]
    [InlineData("gradient-descent", "optimizer.type: gradient-descent looks at all rows at once, and ")]
    [InlineData("one batch", "training.batchSize: 500 rows are too many at once: ")]
    [InlineData("trees", "model.type: boosted-trees keep what they need of every number in memory, about 0 MiB here, and ")]
    public void Train_AllRowsAtOnceBeyondTheBound_SaysWhatIsAccepted(string name, string message)
    {
        var spec = name switch
        {
            "lbfgs" => Spec with { Model = new MlpSpec { Dropout = 0 }, Optimizer = new LbfgsSpec() },
            "gradient-descent" => Spec with { Optimizer = new GradientDescentSpec() },
            "trees" => Spec with { Model = new BoostedTreesSpec() },
            _ => Spec with { Training = Spec.Training with { BatchSize = 500 } },
        };
        var fault = Should.Throw<Fault>(() => Given.Train(spec, Given.Mixed(500, seed: 3), Given.Mixed(200, seed: 9), memory: new RowMemory(10_000, Path.GetTempPath())));

        fault.Message.ShouldStartWith(message + "the data set's rows would take about 0 MiB; at most 0 MiB (Trainer:MemoryMiB) are kept in memory, and more are read from a file in batches");
        fault.Message.ShouldEndWith("or a higher bound");
    }

    [Fact]
    public void Train_ThePick_TriesWhatNeedsNotAllRows()
    {
        var spec = Spec with { Model = new AutoModelSpec(), Training = Spec.Training with { Epochs = 3 } };

        using var model = Given.Train(spec, Given.Mixed(500, seed: 3), Given.Mixed(200, seed: 9), memory: new RowMemory(20_000, Path.GetTempPath()));

        model.Candidates.Where(candidate => candidate.Epoch is null).Select(candidate => candidate.Model.GetType()).ShouldBe([typeof(BoostedTreesSpec)]);
        model.Candidates[1].WhyNot!.ShouldStartWith("model.type: boosted-trees keep what they need of every number in memory");
        model.Notes.ShouldHaveSingleItem().ShouldStartWith("the rows were read from a file in batches");
    }

    [Fact]
    public void Train_RowsInAFile_KeepsNoTensorsAndNoFile()
    {
        var folder = Directory.CreateTempSubdirectory();
        var memory = new RowMemory(20_000, folder.FullName);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Given.Train(Spec, Given.Mixed(500, seed: 3), Given.Mixed(200, seed: 9), memory: memory).Dispose();
        Should.Throw<OperationCanceledException>(() =>
        {
            using var stop = new CancellationTokenSource();
            Given.Train(Spec, Given.Mixed(500, seed: 3), Given.Mixed(200, seed: 9), _ => stop.Cancel(), memory: memory, cancellation: stop.Token);
        });

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
        folder.GetFiles().ShouldBeEmpty();
        folder.Delete();
    }

    private static Table Reviews(int rows, int seed)
    {
        var chance = new Random(seed);
        string[] words = ["good", "bad", "tea", "coffee", "never", "again", "always", "bitter", "sweet", "fine"];
        return new Table([.. Given.Review([.. Enumerable.Range(0, rows).Select(row => row % 50 == 7 ? null : string.Join(' ', Enumerable.Range(0, 6).Select(_ => words[chance.Next(words.Length)])))]).Columns]);
    }

    private static Result Run(PipelineSpec spec, IRows train, IRows? validation, List<TrainingCheckpoint> checkpoints, TrainingCheckpoint? from = null, RowMemory? memory = null)
    {
        memory = memory is null ? null : memory with { MostBytes = LeastOf(spec, train) };
        var reports = new List<EpochReport>();
        var checkpointing = new Checkpointing { Save = checkpoints.Add, ResumeFrom = from, MinimumInterval = TimeSpan.Zero, Share = 1 };
        using var model = Given.Train(spec, train, validation, reports.Add, checkpointing: checkpointing, memory: memory);
        return new Result(model.ToOnnx(), model.Epochs, model.Kept with { Elapsed = default }, [.. reports.Select(report => report with { Elapsed = default })]);
    }

    /// <summary>What a batch needs, or what trees keep of all rows.</summary>
    private static long LeastOf(PipelineSpec spec, IRows train)
    {
        var preprocessing = Preprocessing.Fit(train, spec);
        return spec.Model is BoostedTreesSpec ? 13L * train.Rows * preprocessing.Width : 3L * spec.Training.BatchSize * FileSamples.RowBytes(preprocessing);
    }

    private static void ShouldBeTheSame(Result result, Result expected)
    {
        result.Reports.ShouldBe(expected.Reports.TakeLast(result.Reports.Count));
        result.Onnx.ShouldBe(expected.Onnx);
        (result.Epochs, result.Kept).ShouldBe((expected.Epochs, expected.Kept));
    }

    private static async Task<Stored> StoreAsync(Table train, Table? validation)
    {
        var table = await StoreAsync(train);
        return new Stored(table, validation is null ? null : await StoreAsync(validation));
    }

    private static Task<StoredTable> StoreAsync(Table table) => StoredTable.WriteAsync(BlocksOf(table), Path.GetTempPath(), Stop);

    private static async IAsyncEnumerable<Table> BlocksOf(Table table)
    {
        await Task.Yield();
        foreach (var block in table.Blocks(64))
            yield return block;
    }

    private sealed record Result(byte[] Onnx, int Epochs, EpochReport Kept, IReadOnlyList<EpochReport> Reports);

    private sealed class Stored(StoredTable train, StoredTable? validation) : IDisposable
    {
        public IRows Train { get; } = train.Select([.. Enumerable.Range(0, train.Rows)]);

        public IRows? Validation { get; } = validation?.Select([.. Enumerable.Range(0, validation.Rows)]);

        public void Dispose()
        {
            train.Dispose();
            validation?.Dispose();
        }
    }
}
