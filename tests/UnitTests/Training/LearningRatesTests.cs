using Mlops.Contracts.Spec;
using Mlops.Training.Optimization;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>Learning rates of 40 steps in 10 epochs, as PyTorch's schedulers give them.</summary>
public sealed class LearningRatesTests
{
    private static readonly Dictionary<string, ScheduleSpec> Schedules = new()
    {
        ["step"] = new StepScheduleSpec { EveryEpochs = 3, Factor = 0.5 },
        ["cosine"] = new CosineScheduleSpec { Minimum = 0.1 },
        ["one-cycle"] = new OneCycleScheduleSpec(),
        ["warm-up"] = new ConstantScheduleSpec { WarmUpEpochs = 2, WarmUpFrom = 0.25 },
        ["warm-up-cosine"] = new CosineScheduleSpec { WarmUpEpochs = 2, WarmUpFrom = 0.25 },
        ["reduce-on-plateau"] = new PlateauScheduleSpec { Factor = 0.5, Patience = 1, Threshold = 0.05, Cooldown = 1, Minimum = 0.3 },
    };

    public static TheoryData<string> Names => [.. Schedules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void At_EachStep_IsThatOfPyTorch(string name)
    {
        var oracle = Oracle.Read("schedules");
        var rates = new LearningRates(new SgdSpec { LearningRate = 0.2, Schedule = Schedules[name] }, stepsPerEpoch: 4, epochs: 10);
        var losses = oracle.GetProperty("losses").Doubles();
        var actual = new List<double>();

        for (var step = 0; step < 40; step++)
        {
            actual.Add(rates.At(step));
            if (step % 4 == 3)
                rates.Plateau?.Take(losses[step / 4]);
        }

        actual.ShouldBe(oracle.GetProperty(name).Doubles(), 1e-9);
        actual.Distinct().Count().ShouldBeGreaterThan(2, "the schedule is to be seen at work");
    }

    [Fact]
    public void At_OneCycleOfFewSteps_BeginsAtTheTop() =>
        new LearningRates(new SgdSpec { LearningRate = 0.2, Schedule = new OneCycleScheduleSpec() }, 1, 1).At(0).ShouldBe(0.2);

    [Fact]
    public void At_AfterTheLastEpoch_StaysWhereItEnded() =>
        new LearningRates(new SgdSpec { LearningRate = 0.2, Schedule = new CosineScheduleSpec { Minimum = 0.5 } }, 4, 10).At(1_000).ShouldBe(0.1, 1e-12);

    [Fact]
    public void Take_PlateauWithALargerShareThanItsMinimum_NeverRises()
    {
        var plateau = new Plateau(new PlateauScheduleSpec { Patience = 0, Minimum = 0.5, Factor = 0.1 }) { State = new PlateauState { Share = 0.2, Best = 1 } };

        plateau.Take(2);

        plateau.State.Share.ShouldBe(0.2);
    }
}
