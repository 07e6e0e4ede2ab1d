using Mlops.Training.Features;
using Mlops.Training.Loop;
using Mlops.Training.Networks;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

namespace Mlops.UnitTests.Training;

[Collection(TrainingCollection.Name)]
public sealed class SamplesTests
{
    [Fact]
    public void Of_Table_EncodesWithoutACopy()
    {
        using var scope = NewDisposeScope();
        var rows = Given.Clusters(5_000, 100);
        var fitted = Preprocessing.Fit(rows, Given.Classification());

        var before = GC.GetAllocatedBytesForCurrentThread();
        var samples = Samples.Of(rows, fitted, CPU);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        samples.Inputs.ToFloats().ShouldBe(fitted.Encode(rows));
        allocated.ShouldBeLessThan(samples.Bytes / 2);
    }
}
