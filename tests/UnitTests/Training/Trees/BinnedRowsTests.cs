using Mlops.Contracts.Spec;
using Mlops.Training.Loop;
using Mlops.Training.Trees;
using Shouldly;
using TorchSharp;
using Xunit;

namespace Mlops.UnitTests.Training.Trees;

/// <summary>Rows that are told to LightGBM some at a time fall into the bins that it makes of them all.</summary>
[Collection(TrainingCollection.Name)]
public sealed class BinnedRowsTests
{
    /// <summary>Zeros, missing numbers and codes among them; the larger table has more rows than bins are chosen by.</summary>
    [Theory]
    [InlineData(300, "")]
    [InlineData(300, " bin_construct_sample_cnt=100")]
    [InlineData(230_000, "")]
    public void Grow_RowsInSlices_GivesTheTreesOfRowsAtOnce(int count, string more)
    {
        const int Width = 4;
        using var scope = torch.NewDisposeScope();
        var values = Oracle.Normals(3, count * Width);
        float[] inputs = [.. values.Select((value, index) => (index % Width) switch
        {
            1 when index % 3 == 0 => 0,
            2 when index % 7 == 0 => float.NaN,
            3 => MathF.Floor((float)value * 2),
            _ => (float)value,
        })];
        float[] labels = [.. Enumerable.Range(0, count).Select(row => (float)(values[row * Width] + (2 * values[(row * Width) + 1])))];
        var parameters = BoostingParameters.Of(new BoostedTreesSpec(), new MseLossSpec(), classes: 1) + more;
        using var rows = new BinnedRows(new TreeRows(new MemorySamples(new Samples(torch.tensor(inputs, [count, Width]), torch.tensor(labels))), labels, null), parameters);

        rows.Grow(parameters, scores: null).Text.ShouldBe(NativeLightGbm.FirstRound(inputs, Width, labels, parameters));
    }
}
