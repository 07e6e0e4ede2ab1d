using Mlops.Contracts.Spec;
using Mlops.Training.Features;
using Mlops.Training.Networks;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>The tutorials' example, 10 → 20 → 10 on 1 000 rows for 1 000 full-batch epochs, against PyTorch.</summary>
[Collection(TrainingCollection.Name)]
public sealed class WorkedExampleTests
{
    [Fact]
    public void TrainingLoss_FromTheSameWeights_StaysWithPyTorch()
    {
        var oracle = Oracle.Read("worked-example");
        var inputs = Oracle.Normals(11, 10_000).Select(value => (double)(float)value).ToArray();
        double[] targets = [.. inputs.Select((value, index) => value * inputs[index % 10 == 9 ? index - 9 : index + 1])];
        var table = Given.Matrices(1000, (inputs, 10), (targets, 10));
        var spec = Given.Regression([.. Enumerable.Range(0, 10).Select(target => $"y{target}")]) with
        {
            Model = new MlpSpec { Hidden = [20], Activation = Activation.Relu, Dropout = 0 },
            Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = TargetScaling.None },
            Optimizer = new AdamSpec { LearningRate = 0.001 },
            Training = new TrainingSpec { Epochs = 1000, BatchSize = 1000, EarlyStopping = null, Device = Device.Cpu },
        };
        var losses = new Dictionary<int, double>();

        using var model = Given.Train(spec, table, progress: epoch => losses.Add(epoch.Epoch, epoch.TrainingLoss),
            initialise: network => network.Set([.. oracle.GetProperty("parameters").EnumerateArray().Select(Oracle.Floats)]));

        losses.Count.ShouldBe(1000);
        foreach (var expected in oracle.GetProperty("losses").EnumerateObject())
            losses[int.Parse(expected.Name)].ShouldBe(expected.Value.GetDouble(), 1e-5, $"epoch {expected.Name}");
    }

    [Fact]
    public void InitialWeights_SameSeed_AreThoseOfPyTorch()
    {
        var oracle = Oracle.Read("worked-example");

        using var network = Network.Build(new MlpSpec { Hidden = [20], Activation = Activation.Relu }, RowLayout.OfNumbers(10), 10, oracle.GetProperty("seed").GetInt32());

        network.Parameters.Select(parameter => parameter.ToFloats())
            .ShouldBe(oracle.GetProperty("parameters").EnumerateArray().Select(Oracle.Floats));
    }
}
