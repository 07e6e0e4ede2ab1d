using Mlops.Chaos.Plan;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Chaos;

public sealed class FaultPlanTests
{
    private static readonly TimeSpan TwoMinutes = TimeSpan.FromMinutes(2);

    [Fact]
    public void Plan_SameSeedAndDuration_IsTheSame()
    {
        FaultPlan.Make(7, TwoMinutes).ShouldBe(FaultPlan.Make(7, TwoMinutes));
        FaultPlan.Make(7, TwoMinutes).ShouldNotBe(FaultPlan.Make(8, TwoMinutes));
    }

    [Theory]
    [InlineData(2, 15)]
    [InlineData(20, 200)]
    public void Plan_AnySeed_HasEnoughFaultsOfEveryKind(int minutes, int atLeast)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var plan = FaultPlan.Make(seed, TimeSpan.FromMinutes(minutes));
            plan.Count.ShouldBeGreaterThanOrEqualTo(atLeast, $"seed {seed}");
            plan.Select(fault => fault.Kind).Distinct().Count().ShouldBe(Enum.GetValues<FaultKind>().Length, $"seed {seed}");
        }
    }

    [Fact]
    public void Plan_AnySeed_FaultsOfATargetFollowEachOtherWithinTheDuration()
    {
        for (var seed = 0; seed < 100; seed++)
            foreach (var target in FaultPlan.Make(seed, TwoMinutes).GroupBy(fault => fault.Target))
            {
                target.ShouldAllBe(fault => fault.At + fault.Lasts <= TwoMinutes);
                target.Zip(target.Skip(1)).ShouldAllBe(pair => pair.First.At + pair.First.Lasts <= pair.Second.At);
            }
    }

    [Fact]
    public void Plan_PausesOutlastALease() => FaultPlan.Make(7, TimeSpan.FromMinutes(20))
        .Where(fault => fault.Kind == FaultKind.PauseWorker)
        .ShouldAllBe(fault => fault.Lasts > Mlops.Registry.Durability.WorkQueue.Lease);

    [Fact]
    public void Plan_TooShortForAPause_HasNone() => FaultPlan.Make(7, TimeSpan.FromSeconds(20))
        .ShouldNotContain(fault => fault.Kind == FaultKind.PauseWorker);
}
