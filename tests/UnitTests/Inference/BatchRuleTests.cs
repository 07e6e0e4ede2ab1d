using Mlops.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

public sealed class BatchRuleTests
{
    [Theory]
    [InlineData(1, false, 1)]
    [InlineData(7, false, 7)]
    [InlineData(64, false, 64)]
    [InlineData(200, false, 64)]
    [InlineData(200, true, 64)]
    [InlineData(7, true, 0)]
    public void Rows_NoPreference_AreAllThatWaitOrNoneYet(long waiting, bool mayWait, int rows) =>
        BatchRule.Rows(waiting, 64, [], mayWait).ShouldBe(rows);

    [Theory]
    [InlineData(3, false, 3)]
    [InlineData(3, true, 0)]
    [InlineData(9, true, 8)]
    [InlineData(9, false, 8)]
    [InlineData(31, true, 16)]
    [InlineData(64, true, 64)]
    public void Rows_PreferredSizes_AreTheLargestThatIsFull(long waiting, bool mayWait, int rows) =>
        BatchRule.Rows(waiting, 64, [4, 16, 8], mayWait).ShouldBe(rows);
}
