namespace Mlops.Benchmarks.Inference;

/// <summary>What inference costs: beside an echo of the same messages by the same server, by load and by model.</summary>
internal static class InferenceTopic
{
    public static async Task RunAsync(Figures figures)
    {
        await ColdStart.RunAsync(figures);
        await SmallModel.RunAsync(figures);
        await SharedRuns.RunAsync(figures);
        await Swaps.RunAsync(figures);
        await ManyModels.RunAsync(figures);
    }
}
