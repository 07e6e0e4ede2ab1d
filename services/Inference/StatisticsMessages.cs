using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>What versions have done, in the protocol's messages.</summary>
internal static class StatisticsMessages
{
    public static ModelStatisticsResponse Of(IEnumerable<ServedModel> models) => new() { ModelStats = { models.Select(Of) } };

    private static Protos.ModelStatistics Of(ServedModel model)
    {
        var statistics = model.Statistics;
        var compute = statistics.Compute.Now;
        return new Protos.ModelStatistics
        {
            Name = model.Version.Model,
            Version = model.Number,
            LastInference = (ulong)statistics.LastInference,
            InferenceCount = (ulong)statistics.Inferences,
            ExecutionCount = (ulong)statistics.Executions,
            InferenceStats = new InferStatistics
            {
                Success = Of(statistics.Success),
                Fail = Of(statistics.Fail),
                Queue = Of(statistics.Queue),
                ComputeInput = Of(compute.Count, compute.Input),
                ComputeInfer = Of(compute.Count, compute.Infer),
                ComputeOutput = Of(compute.Count, compute.Output),
                CacheHit = new StatisticDuration(),
                CacheMiss = new StatisticDuration(),
            },
            BatchStats = { statistics.Batches.Select(batch => Of(batch.Key, batch.Value.Now)) },
        };
    }

    private static InferBatchStatistics Of(int rows, ComputeTimes compute) => new()
    {
        BatchSize = (ulong)rows,
        ComputeInput = Of(compute.Count, compute.Input),
        ComputeInfer = Of(compute.Count, compute.Infer),
        ComputeOutput = Of(compute.Count, compute.Output),
    };

    private static StatisticDuration Of(DurationCounter counter) => Of(counter.Count, counter.Total);

    private static StatisticDuration Of(long count, TimeSpan time) => new() { Count = (ulong)count, Ns = (ulong)time.TotalNanoseconds };
}
