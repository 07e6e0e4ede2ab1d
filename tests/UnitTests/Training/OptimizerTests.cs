using Mlops.Contracts.Spec;
using Mlops.Training;
using Mlops.Training.Features;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>Weights after 1, 2, 5 and 20 steps as PyTorch computes them, and penalties by hand.</summary>
[Collection(TrainingCollection.Name)]
public sealed class OptimizerTests
{
    private static readonly RegularizationSpec NoRegularization = new();

    public static TheoryData<string> Names => [.. Oracle.Read("optimizers").GetProperty("float").GetProperty("trajectories").EnumerateObject().Select(item => item.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Trajectory_IsThatOfPyTorch(string name)
    {
        var oracle = Oracle.Read("optimizers").GetProperty("float");
        var (optimizer, regularization) = SpecOf(name);
        foreach (var step in oracle.GetProperty("trajectories").GetProperty(name).EnumerateObject())
        {
            var spec = Linear(int.Parse(step.Name)) with { Target = ["y0", "y1"], Optimizer = optimizer, Regularization = regularization };
            var table = Given.Matrices(8, (Oracle.Normals(1, 24), 3), (Oracle.Normals(2, 16), 2));

            using var model = Given.Train(spec, table, initialise: network => network.Set([oracle.GetProperty("weight").Floats(), oracle.GetProperty("bias").Floats()]));

            var weights = model.Weights;
            weights[0].ShouldBe(step.Value.GetProperty("weight").Floats(), 1e-5, $"weight after {step.Name} steps");
            weights[1].ShouldBe(step.Value.GetProperty("bias").Floats(), 1e-5, $"bias after {step.Name} steps");
        }
    }

    // x = 1, y = 0, w = 2, b = 1: the error is 3, so that both gradients of its square are 6.
    [Theory]
    [InlineData(0, 0, 2 - (0.1 * 6))]
    [InlineData(0.5, 0, 2 - (0.1 * (6 + 0.5)))]
    [InlineData(0, 0.25, 2 - (0.1 * (6 + (2 * 0.25 * 2))))]
    [InlineData(0.5, 0.25, 2 - (0.1 * (6 + 0.5 + 1)))]
    public void Penalties_OneStep_BearOnWeightsAndNotOnBiases(double l1, double l2, double weight)
    {
        var spec = Linear(1) with { Regularization = new RegularizationSpec { L1 = l1, L2 = l2 }, Optimizer = new SgdSpec { LearningRate = 0.1 } };
        var table = Given.Matrices(1, ([1], 1), ([0], 1));
        EpochReport? report = null;

        using var model = Given.Train(spec, table, progress: epoch => report = epoch, initialise: network => network.Set([[2], [1]]));

        model.Weights[0][0].ShouldBe((float)weight, 1e-6f);
        model.Weights[1][0].ShouldBe(1 - 0.6f, 1e-6f);
        report!.TrainingLoss.ShouldBe(9, 1e-6); // without penalties
    }

    [Fact]
    public void Penalties_Cnn_BearOnKernelsToo()
    {
        using var network = Network.Build(new CnnSpec { Shape = [1, 4, 4], Channels = [2], Hidden = [3] }, RowLayout.OfNumbers(16), 2, seed: 1);
        using var weights = new FlatWeights(network.NamedParameters);

        weights.Ranges.Where(range => range.IsPenalised).Select(range => range.Name).ShouldBe(["convolution1.weight", "hidden1.weight", "output.weight"]);
        using var mask = weights.PenaltyMask();
        mask.ToFloats().Sum().ShouldBe((2 * 9) + (3 * 8) + (2 * 3));
    }

    // Four rows of a line through them: one direction, and the curvature along it, are enough.
    [Fact]
    public void Lbfgs_LeastSquares_EndsAtTheSolutionByItself()
    {
        var spec = Linear(200) with { Optimizer = new LbfgsSpec() };
        var epochs = 0;

        using var model = Given.Train(spec, Given.Matrices(4, ([0, 1, 2, 3], 1), ([1, 3, 5, 7], 1)), progress: _ => epochs++);

        model.Weights[0][0].ShouldBe(2, 1e-3f);
        model.Weights[1][0].ShouldBe(1, 1e-3f);
        epochs.ShouldBeLessThan(50);
    }

    private static PipelineSpec Linear(int epochs) => Given.Regression("y0") with
    {
        Model = new MlpSpec { Hidden = [], Dropout = 0 },
        Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = TargetScaling.None },
        Training = new TrainingSpec { Epochs = epochs, EarlyStopping = null, Device = Device.Cpu },
    };

    internal static (OptimizerSpec Optimizer, RegularizationSpec Regularization) SpecOf(string name) => name switch
    {
        "sgd" => (new SgdSpec { LearningRate = 0.1, WeightDecay = 0.05 }, NoRegularization),
        "momentum" => (new SgdSpec { LearningRate = 0.05, Momentum = 0.9, WeightDecay = 0.05 }, NoRegularization),
        "nesterov" => (new SgdSpec { LearningRate = 0.05, Momentum = 0.9, Nesterov = true, WeightDecay = 0.05 }, NoRegularization),
        "adam" => (new AdamSpec { LearningRate = 0.1, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.05 }, NoRegularization),
        "adamw" => (new AdamWSpec { LearningRate = 0.1, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.05 }, NoRegularization),
        "nadam" => (new NAdamSpec { LearningRate = 0.1, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.05, MomentumDecay = 0.01 }, NoRegularization),
        "radam" => (new RAdamSpec { LearningRate = 0.1, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.05 }, NoRegularization),
        "rmsprop" => (new RmsPropSpec { LearningRate = 0.02, Alpha = 0.9, Epsilon = 1e-6, WeightDecay = 0.05 }, NoRegularization),
        "rmsprop-centered" => (new RmsPropSpec { LearningRate = 0.02, Alpha = 0.9, Epsilon = 1e-6, WeightDecay = 0.05, Momentum = 0.5, Centered = true }, NoRegularization),
        "adagrad" => (new AdagradSpec { LearningRate = 0.1, LearningRateDecay = 0.1, InitialAccumulator = 0.2, Epsilon = 1e-6, WeightDecay = 0.05 }, NoRegularization),
        "lbfgs" => (new LbfgsSpec { LearningRate = 0.5, History = 3, LineSearch = LineSearch.None }, NoRegularization),
        "clip-value" => (new GradientDescentSpec(), new RegularizationSpec { ClipValue = 0.25 }),
        "clip-norm" => (new GradientDescentSpec(), new RegularizationSpec { ClipNorm = 0.5 }),
        "elastic-net" => (new GradientDescentSpec(), new RegularizationSpec { ElasticNet = new ElasticNetSpec { Alpha = 0.3, L1Ratio = 0.6 } }),
        "max-norm" => (new GradientDescentSpec(), new RegularizationSpec { MaxNorm = 0.75 }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "has no spec here"),
    };
}
