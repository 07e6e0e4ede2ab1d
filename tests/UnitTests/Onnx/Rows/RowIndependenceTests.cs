using Mlops.Onnx;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Onnx.Rows;

public sealed class RowIndependenceTests
{
    public static TheoryData<string> Proved() => [.. ProvedCases.All.Keys];

    public static TheoryData<string> Refused() => [.. RefusedCases.All.Keys];

    [Theory]
    [MemberData(nameof(Proved))]
    public void WhyNot_RowsThatDoNotSeeEachOther_IsNull(string name)
    {
        var model = ProvedCases.All[name]();
        RowIndependence.WhyNot(model).ShouldBeNull();
        Company.Changes(model).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void WhyNot_RowsThatSeeEachOther_NamesNodeOperatorAndCause(string name)
    {
        var (build, op, cause) = RefusedCases.All[name];
        var model = build();
        RowIndependence.WhyNot(model).ShouldBe($"node '{model.Graph.Node.First(node => node.OpType == op).Name}' ({op}) {cause}");
        Company.Changes(model).ShouldNotBeNull("the refusal is not needed");
    }
}
