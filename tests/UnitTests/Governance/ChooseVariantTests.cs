using Mlops.Contracts.Spec;
using Mlops.Governance;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

public sealed class ChooseVariantTests
{
    private static readonly PipelineSpec Spec = PipelineSpec.Parse(
        """{"task":"classification","target":"species","compression":{"maxQualityDrop":0.02}}""", "iris");

    [Fact]
    public void Choose_NoVariants_TakesTheOriginal()
    {
        var (chosen, reason) = Choose(Candidate("original", 0.96, 20)).ShouldNotBeNull();

        chosen.Method.ShouldBe("original");
        reason.ShouldBe("original: accuracy 0.96, 20.0 µs a row; it met every gate, and there is no variant");
    }

    [Fact]
    public void Choose_FasterWithinTheDrop_TakesTheVariant()
    {
        var (chosen, reason) = Choose(Candidate("original", 0.96, 20), Candidate("int8-dynamic", 0.95, 8)).ShouldNotBeNull();

        chosen.Method.ShouldBe("int8-dynamic");
        reason.ShouldBe("int8-dynamic: accuracy 0.95, 8.0 µs a row, the fastest that met every gate with at least 0.94; original: 0.96, 20.0 µs, not faster");
    }

    [Fact]
    public void Choose_FasterButBelowTheFloor_KeepsTheOriginal()
    {
        var (chosen, reason) = Choose(Candidate("original", 0.96, 20), Candidate("int8-dynamic", 0.9399, 8)).ShouldNotBeNull();

        chosen.Method.ShouldBe("original");
        reason.ShouldEndWith("; int8-dynamic: 0.9399, 8.0 µs, below 0.94");
    }

    [Fact]
    public void Choose_FasterButAGateIsNotMet_KeepsTheOriginal()
    {
        var (chosen, reason) = Choose(Candidate("original", 0.96, 20), Candidate("int8-dynamic", 0.96, 8, passed: false)).ShouldNotBeNull();

        chosen.Method.ShouldBe("original");
        reason.ShouldEndWith("; int8-dynamic: 0.96, 8.0 µs, a gate is not met");
    }

    [Theory]
    [InlineData(20, "20.0")]
    [InlineData(19.5, "19.5")]
    public void Choose_NotFasterByMoreThanNoise_KeepsTheOriginal(double microseconds, string shown)
    {
        var (chosen, reason) = Choose(Candidate("original", 0.96, 20), Candidate("float16", 0.97, microseconds)).ShouldNotBeNull();

        chosen.Method.ShouldBe("original");
        reason.ShouldEndWith($"; float16: 0.97, {shown} µs, not faster");
    }

    [Fact]
    public void Choose_OriginalFailed_TakesNone() =>
        Choose(Candidate("original", 0.96, 20, passed: false), Candidate("int8-dynamic", 0.96, 8)).ShouldBeNull();

    // In binary 0.14 − 0.02 is a little above 0.12, and would refuse a variant that is exactly at the drop.
    [Fact]
    public void Choose_ExactlyAtTheDrop_TakesTheVariant() =>
        Choose(Candidate("original", 0.14, 20), Candidate("int8-dynamic", 0.12, 8)).ShouldNotBeNull().Chosen.Method.ShouldBe("int8-dynamic");

    [Fact]
    public void Choose_SeveralVariants_TakesTheFastestAndNamesAll()
    {
        var (chosen, reason) = Choose(
            Candidate("original", 0.96, 20), Candidate("int8-dynamic", 0.95, 8), Candidate("float16", 0.96, 7), Candidate("int4", 0.5, 3)).ShouldNotBeNull();

        chosen.Method.ShouldBe("float16");
        reason.ShouldBe("float16: accuracy 0.96, 7.0 µs a row, the fastest that met every gate with at least 0.94; "
            + "original: 0.96, 20.0 µs, not faster; int8-dynamic: 0.95, 8.0 µs, not faster; int4: 0.5, 3.0 µs, below 0.94");
    }

    [Fact]
    public void Choose_VariantWithoutANumber_IsNotTaken() =>
        Choose(Candidate("original", 0.96, 20), Candidate("int8-dynamic", double.NaN, 8)).ShouldNotBeNull().Chosen.Method.ShouldBe("original");

    private static (Candidate Chosen, string Reason)? Choose(Candidate original, params Candidate[] variants) => ChooseVariant.Choose(original, variants, Spec);

    private static Candidate Candidate(string method, double quality, double microseconds, bool passed = true) =>
        new(SampleFacts.Id(method.Length), method, passed, quality, microseconds);
}
