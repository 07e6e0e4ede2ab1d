using Mlops.Inference;
using Shouldly;
using Xunit;
using static Mlops.Inference.ModelState;

namespace Mlops.UnitTests.Inference;

public sealed class ModelStateTests
{
    private static readonly (ModelState, ModelState)[] Life = [(Loading, Ready), (Loading, Failed), (Ready, Draining), (Draining, Unloaded)];

    public static TheoryData<ModelState, ModelState> Steps()
    {
        var steps = new TheoryData<ModelState, ModelState>();
        foreach (var from in Enum.GetValues<ModelState>())
        {
            foreach (var to in Enum.GetValues<ModelState>())
                steps.Add(from, to);
        }

        return steps;
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void Step_AnyTwoStates_GoesOnlyAlongTheLife(ModelState from, ModelState to)
    {
        if (Life.Contains((from, to)))
            ModelStates.Step(from, to).ShouldBe(to);
        else
            Should.Throw<InvalidOperationException>(() => ModelStates.Step(from, to)).Message.ShouldBe($"A model version cannot go from {from} to {to}.");
    }
}
