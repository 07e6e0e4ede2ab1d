using static TorchSharp.torch;

namespace Mlops.TorchExport.Layers;

/// <summary>Finds out what a layer does not tell: the candidate is taken whose answers to random inputs are nearest to the layer's.</summary>
internal static class Probe
{
    private const int Steps = 5, Batch = 2, Seed = 1;

    // Large inputs, or all shares of attention would be alike whatever the number of heads.
    private const double Scale = 3;

    // Of the largest magnitude: rounding alone is some 1e-6, another number of heads is far more.
    private const double Tolerance = 1e-3;

    /// <summary>Random inputs [steps, batch, width].</summary>
    public static Tensor[] Inputs(Tensor like, params IReadOnlyList<long> widths)
    {
        using var generator = new Generator(Seed, like.device);
        return [.. widths.Select(width => randn([Steps, Batch, width], like.dtype, like.device, generator: generator) * Scale)];
    }

    /// <exception cref="Contracts.Fault">No candidate computes what the layer does.</exception>
    public static TCandidate Find<TCandidate>(ExportGraph graph, Tensor expected, IEnumerable<TCandidate> candidates, Func<TCandidate, Tensor> forward)
    {
        var (best, distance) = candidates.Select(candidate => (candidate, Distance(expected, forward(candidate)))).MinBy(pair => pair.Item2);
        return distance <= Tolerance ? best : throw graph.Refuse("its number of heads, which TorchSharp does not tell, could not be found out: no number gives its answers");
    }

    private static double Distance(Tensor expected, Tensor actual) => ((expected - actual).abs().max() / expected.abs().max().clamp_min(1e-12)).to(ScalarType.Float64).item<double>();
}
