using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Tabular;
using Mlops.Training;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

[Collection(TrainingCollection.Name)]
public sealed class OnnxParityTests
{
    [Theory]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Silu)]
    public void Mlp_AllNumeric_AgreesWithTorch(Activation activation)
    {
        var table = Given.Clusters(200, 4);
        var spec = Given.Classification() with { Model = new MlpSpec { Hidden = [16, 8], Activation = activation, Dropout = 0.2 } };

        using var model = Given.Train(spec, table);

        model.ShouldAgreeWithOnnx(table);
        using var onnx = new OnnxModel(model);
        onnx.Inputs.Keys.ShouldBe([ModelSignature.FeaturesInput]);
        onnx.Inputs[ModelSignature.FeaturesInput].Dimensions.ShouldBe([-1, 4]);
        onnx.Metadata["mlops.task"].ShouldBe("classification");
        onnx.Metadata["mlops.columns"].ShouldBe("""["x0","x1","x2","x3"]""");
    }

    [Fact]
    public void Mlp_NumbersWithMissing_AgreesWithTorch()
    {
        var table = Given.Clusters(60, 3);
        using var model = Given.Train(Given.Classification(), table);
        var holes = new Table([Given.Numbers("x0", double.NaN, 1), Given.Numbers("x1", 0, double.NaN), Given.Numbers("x2", double.NaN, double.NaN)]);

        model.ShouldAgreeWithOnnx(holes);
    }

    [Fact]
    public void Mlp_MixedColumns_AgreesWithTorchOnMissingAndUnseen()
    {
        var table = Given.Mixed(300, seed: 1);
        using var model = Given.Train(Given.Classification("species") with { Training = new TrainingSpec { Epochs = 30, EarlyStopping = null } }, table);
        var raw = new Table(
        [
            Given.Numbers("length", 39.1, double.NaN, 45, 50),
            Given.Texts("island", "Torgersen", null, "Elsewhere", "Biscoe"),
            Given.Numbers("mass", 3750, 4200, double.NaN, 6000),
        ]);

        model.ShouldAgreeWithOnnx(table);
        model.ShouldAgreeWithOnnx(raw);
        using var onnx = new OnnxModel(model);
        onnx.Inputs.Keys.ShouldBe(["length", "island", "mass"]);
        onnx.Inputs["island"].ElementType.ShouldBe(typeof(string));
        onnx.Inputs["mass"].Dimensions.ShouldBe([-1, 1]);
    }

    [Fact]
    public void Mlp_BinaryLoss_AgreesWithTorchAndTellsClassesApart()
    {
        var mixed = Given.Mixed(300, seed: 1);
        var heavy = ((NumericColumn)mixed["mass"]).Values.ToArray().Select(mass => mass > 4200 ? "yes" : "no").ToArray();
        var table = new Table([mixed["length"], mixed["mass"], Given.Texts("heavy", heavy)]);
        var spec = Given.Classification("heavy") with { Loss = new BinaryLossSpec(), Training = new TrainingSpec { Epochs = 60, EarlyStopping = null } };
        EpochReport? last = null;

        using var model = Given.Train(spec, table, validation: table, progress: report => last = report);

        model.ShouldAgreeWithOnnx(table);
        using var onnx = new OnnxModel(model);
        var (labels, probabilities) = onnx.Run(table);
        probabilities.Chunk(2).ShouldAllBe(row => Math.Abs(row[0] + row[1] - 1) < 1e-6);
        var right = labels.Zip(heavy).Count(pair => pair.First == pair.Second) / (double)heavy.Length;
        right.ShouldBeGreaterThan(0.95);
        last!.ValidationAccuracy!.Value.ShouldBe(right, 1e-6);
    }

    [Fact]
    public void Mlp_TextsOnly_AgreesWithTorch()
    {
        var table = new Table([Given.Texts("colour", "red", "blue", null, "red"), Given.Texts("class", "a", "b", "b", "a")]);
        using var model = Given.Train(Given.Classification(), table);

        model.ShouldAgreeWithOnnx(table);
    }

    [Fact]
    public void Regression_SeveralTargets_AgreesWithTorchInTheirUnits()
    {
        var table = Given.Matrices(100, (Oracle.Normals(1, 300), 3), ([.. Oracle.Normals(2, 200).Select((value, index) => index % 2 == 0 ? 50 + (5 * value) : value / 100)], 2));
        var spec = Given.Regression("y0", "y1");

        using var model = Given.Train(spec, table);

        var predicted = model.ShouldAgreeWithOnnx(table);
        predicted.Where((_, index) => index % 2 == 0).Average().ShouldBe(50, 3);
        predicted.Where((_, index) => index % 2 == 1).Average().ShouldBe(0, 0.02);
        model.Signature.Outputs.ShouldHaveSingleItem().Columns.ShouldBe(["y0", "y1"]);
        using var onnx = new OnnxModel(model);
        onnx.Outputs.Keys.ShouldBe([ModelSignature.ValueOutput]);
        onnx.Metadata["mlops.task"].ShouldBe("regression");
    }

    [Fact]
    public void Linear_WithoutAnyScaling_AgreesWithTorch()
    {
        var table = Given.Matrices(50, (Oracle.Normals(1, 100), 2), (Oracle.Normals(2, 50), 1));
        var spec = Given.Regression("y0") with
        {
            Model = new LinearSpec(),
            Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = TargetScaling.None },
        };

        using var model = Given.Train(spec, table);

        model.ShouldAgreeWithOnnx(table);
    }

    // 65 rows leave one over, which batch normalisation cannot take alone.
    [Theory]
    [InlineData(Normalization.Batch)]
    [InlineData(Normalization.Layer)]
    [InlineData(Normalization.None)]
    public void ResidualMlp_AgreesWithTorchAndMayShareRuns(Normalization normalization)
    {
        var table = Given.Clusters(65, 5);
        var spec = Given.Classification() with
        {
            Model = new ResidualMlpSpec { Width = 12, Hidden = 20, Blocks = 3, Normalization = normalization },
            Training = new TrainingSpec { Epochs = 40, EarlyStopping = new EarlyStoppingSpec { Patience = 5 }, Device = Device.Cpu },
        };

        using var model = Given.Train(spec, table, validation: Given.Clusters(40, 5));

        model.ShouldAgreeWithOnnx(table);
        var graph = OnnxFile.Parse(model.ToOnnx());
        RowIndependence.WhyNot(graph).ShouldBeNull();
        graph.Graph.Node.Count(node => node.OpType == "LayerNormalization").ShouldBe(normalization == Normalization.Layer ? 4 : 0);
    }

    [Theory]
    [InlineData(1, 32)]
    [InlineData(10, 1)]
    public void ResidualMlp_BatchesOfOneRow_AreRefused(int rows, int batchSize)
    {
        var spec = Given.Regression("y0") with { Model = new ResidualMlpSpec(), Training = new TrainingSpec { BatchSize = batchSize, EarlyStopping = null } };

        Should.Throw<Fault>(() => Given.Train(spec, Given.Matrices(rows, (Oracle.Normals(1, rows), 1), (Oracle.Normals(2, rows), 1)))).Message.ShouldBe(
            "training.batchSize: 1 is not accepted with model.normalization batch, which needs several rows; 2 or more training rows a batch are, or another normalization");
    }

    [Theory]
    [InlineData(new[] { 1, 8, 8 }, new[] { 4, 8 })]
    [InlineData(new[] { 1, 8, 8 }, new[] { 20, 24, 40 })] // channels that fill no register
    [InlineData(new[] { 2, 5, 3 }, new[] { 4, 4, 4 })] // 5×3 → 2×1, then too small to pool
    public void Cnn_AgreesWithTorch(int[] shape, int[] channels)
    {
        var table = Given.Clusters(80, shape[0] * shape[1] * shape[2]);
        var spec = Given.Classification() with { Model = new CnnSpec { Shape = shape, Channels = channels, Hidden = [16], Activation = Activation.Silu } };

        using var model = Given.Train(spec, table);

        model.ShouldAgreeWithOnnx(table);
    }

    // 65 rows leave one over, which batch normalisation cannot take alone where the image is one pixel.
    [Theory]
    [InlineData(Normalization.Batch, false)]
    [InlineData(Normalization.Batch, true)]
    [InlineData(Normalization.None, true)]
    public void Cnn_NormalisedOrAveraged_AgreesWithTorchAndMayShareRuns(Normalization normalization, bool average)
    {
        var table = Given.Clusters(65, 36);
        var spec = Given.Classification() with
        {
            Model = new CnnSpec { Shape = [1, 6, 6], Channels = [4, 6, 5], Normalization = normalization, GlobalAveragePooling = average, Hidden = [8] },
            Training = new TrainingSpec { Epochs = 20, EarlyStopping = new EarlyStoppingSpec { Patience = 5 }, Device = Device.Cpu },
        };

        using var model = Given.Train(spec, table, validation: Given.Clusters(40, 36));

        model.ShouldAgreeWithOnnx(table);
        var graph = OnnxFile.Parse(model.ToOnnx());
        RowIndependence.WhyNot(graph).ShouldBeNull();
        graph.Graph.Node.Count(node => node.OpType == "GlobalAveragePool").ShouldBe(average ? 1 : 0);
        graph.Graph.Initializer.Count(tensor => tensor.Name.StartsWith("network/scale", StringComparison.Ordinal)).ShouldBe(normalization == Normalization.Batch ? 3 : 0);
        model.Weights.Count.ShouldBe((3 * (normalization == Normalization.Batch ? 3 : 2)) + 4, "kernels with biases, or with the normalisation's two, and two layers");
        // 6×6 is halved twice and left 1×1 by the third, so that averages and values are as many.
        model.Weights[^4].Length.ShouldBe(8 * 5);
    }

    [Fact]
    public void Cnn_GlobalAverage_GivesTheFirstLayerOneInputAChannel()
    {
        var table = Given.Clusters(40, 64);
        using var whole = Given.Train(Given.Classification() with { Model = new CnnSpec { Shape = [1, 8, 8], Channels = [3], Hidden = [4] } }, table);
        using var averaged = Given.Train(Given.Classification() with { Model = new CnnSpec { Shape = [1, 8, 8], Channels = [3], Hidden = [4], GlobalAveragePooling = true } }, table);

        whole.Weights[2].Length.ShouldBe(4 * 3 * 4 * 4);
        averaged.Weights[2].Length.ShouldBe(4 * 3);
        averaged.ShouldAgreeWithOnnx(table);
    }

    [Fact]
    public void Cnn_BatchesOfOneRowWithNormalisation_AreRefused()
    {
        var spec = Given.Classification() with
        {
            Model = new CnnSpec { Shape = [1, 4, 4], Normalization = Normalization.Batch },
            Training = new TrainingSpec { BatchSize = 1, EarlyStopping = null },
        };

        Should.Throw<Fault>(() => Given.Train(spec, Given.Clusters(20, 16))).Problems[0].Field.ShouldBe("training.batchSize");
    }

    [Fact]
    public void Cnn_ShapeThatDoesNotHoldTheFeatures_Faults()
    {
        var spec = Given.Classification() with { Model = new CnnSpec { Shape = [1, 8, 8] } };

        Should.Throw<Fault>(() => Given.Train(spec, Given.Clusters(20, 63)))
            .Message.ShouldBe("model.shape: [1, 8, 8] does not hold the 63 features of a row; a shape whose product is 63 is accepted");
        Should.Throw<Fault>(() => Given.Train(spec with { Target = ["species"] }, Given.Mixed(60, 1))).Problems[0].Field.ShouldBe("model.type");
    }

    [Fact]
    public void Onnx_Dropout_LeavesNoNode()
    {
        var table = Given.Clusters(30, 2);
        using var with = Given.Train(Given.Classification() with { Model = new MlpSpec { Hidden = [8], Dropout = 0.5 } }, table);
        using var without = Given.Train(Given.Classification() with { Model = new MlpSpec { Hidden = [8], Dropout = 0 } }, table);

        with.ToOnnx().Length.ShouldBe(without.ToOnnx().Length);
    }
}
