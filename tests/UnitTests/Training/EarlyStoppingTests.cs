using Mlops.Contracts.Spec;
using Mlops.Training.Loop;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

public sealed class EarlyStoppingTests
{
    [Fact]
    public void ShouldStop_PatienceEpochsWithoutABetterLoss()
    {
        var stopping = new EarlyStopping(new EarlyStoppingSpec { Patience = 2 });
        double[] losses = [5, 4, 4, 3, 3.5];

        losses.Select((loss, index) => stopping.IsBest(index + 1, loss)).ShouldBe([true, true, false, true, false]);
        stopping.BestEpoch.ShouldBe(4);
        stopping.ShouldStop(5).ShouldBeFalse();
        stopping.ShouldStop(6).ShouldBeTrue();
    }

    [Fact]
    public void IsBest_FallSmallerThanMinDelta_IsNone()
    {
        var stopping = new EarlyStopping(new EarlyStoppingSpec { Patience = 2, MinDelta = 0.5 });

        stopping.IsBest(1, 3).ShouldBeTrue();
        stopping.IsBest(2, 2.6).ShouldBeFalse();
        stopping.IsBest(3, 2.4).ShouldBeTrue();
    }
}
