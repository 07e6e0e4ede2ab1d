using Mlops.Chaos;
using Shouldly;
using Xunit;

namespace Mlops.EndToEndTests;

/// <summary>The fault-injection program (<c>tests/Chaos</c>), for as long as a test may take.</summary>
public sealed class ChaosTests
{
    [Fact]
    public async Task Platform_UnderFaults_LosesNothingAndDoesNothingTwice()
    {
        Assert.SkipUnless(ChaosRun.IsPossible, "needs PostgreSQL and RabbitMQ from Debian's packages, as processes that may be killed");
        var output = TestContext.Current.TestOutputHelper!;
        var result = await ChaosRun.RunAsync(TimeSpan.FromMinutes(2), seed: 7, output.WriteLine, TestContext.Current.CancellationToken);
        result.Violations.ShouldBeEmpty();
        result.Faults.Count.ShouldBeGreaterThanOrEqualTo(15);
        result.Pipelines.ShouldBeGreaterThan(0);
    }
}
