using Mlops.Fuzz;
using Mlops.UnitTests.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Fuzz;

/// <summary>A part of what the fuzz program sends; alone in the process, because it takes all of it.</summary>
[Collection(nameof(UnloadTests))]
public sealed class FuzzTests
{
    [Fact]
    public async Task Fronts_FiftyThousandMutatedRequests_FailNone()
    {
        var result = await FuzzRun.RunAsync(seed: 11, cases: 50_000);

        result.Failures.ShouldBeEmpty();
        result.Outcomes.Values.Sum().ShouldBe(50_000);
        // Both kinds of cases are among them: those that are answered, and those that are refused.
        foreach (var outcome in new[] { ("grpc valid", "status 0"), ("rest valid", "HTTP 200"), ("grpc message", "status 3"), ("rest json", "HTTP 400") })
            result.Outcomes[outcome].ShouldBeGreaterThan(500);
    }

    [Fact]
    public void Case_OfANumber_IsTheSameWhenMadeAgain()
    {
        for (var number = 0; number < 500; number++)
        {
            var (once, again) = (FuzzCase.Of(11, number), FuzzCase.Of(11, number));
            (once.Kind, once.Path, once.IsAborted, Convert.ToHexString(once.Body)).ShouldBe((again.Kind, again.Path, again.IsAborted, Convert.ToHexString(again.Body)));
        }

        FuzzCase.Of(11, 1).Body.ShouldNotBe(FuzzCase.Of(12, 1).Body);
    }
}
