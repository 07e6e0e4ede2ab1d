using Microsoft.ML.OnnxRuntime;
using Mlops.Onnx;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Onnx.Rows;

public sealed class RandomGraphTests
{
    [Fact]
    public void WhyNot_NullForAnyChainOfOperators_HoldsInTheRuntime()
    {
        var proved = 0;
        for (var seed = 0; seed < 600; seed++)
        {
            var (model, steps) = RandomGraph.Make(seed);
            if (RowIndependence.WhyNot(model) is not null)
                continue;
            try
            {
                Company.Changes(model, seed).ShouldBeNull($"graph {seed}: {steps}");
                proved++;
            }
            catch (OnnxRuntimeException)
            {
                // Shapes that do not fit: no request gets an answer, so none gets a wrong one.
            }
        }
        proved.ShouldBeGreaterThan(150, "the graphs prove too little");
    }
}
