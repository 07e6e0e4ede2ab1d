namespace Mlops.Benchmarks.Inference;

/// <summary>What inference costs: beside an echo of the same messages by the same server, by load and by model.</summary>
internal static class InferenceTopic
{
    public static IReadOnlyDictionary<string, Func<Figures, Task>> Parts { get; } = new Dictionary<string, Func<Figures, Task>>
    {
        ["cold-start"] = ColdStart.RunAsync,
        ["small-model"] = SmallModel.RunAsync,
        ["shared-runs"] = SharedRuns.RunAsync,
        ["swaps"] = Swaps.RunAsync,
        ["many-models"] = ManyModels.RunAsync,
    };
}
