using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>What versions have done, in the protocol's messages.</summary>
internal static class StatisticsMessages
{
    public static ModelStatisticsResponse Of(IEnumerable<ServedModel> models) => new() { ModelStats = { models.Select(Of) } };

    private static Protos.ModelStatistics Of(ServedModel model)
    {
        var statistics = model.Statistics;
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
                ComputeInput = Of(statistics.Compute.Input),
                ComputeInfer = Of(statistics.Compute.Infer),
                ComputeOutput = Of(statistics.Compute.Output),
            },
            BatchStats =
            {
                statistics.Batches.Select(batch => new InferBatchStatistics
                {
                    BatchSize = (ulong)batch.Key,
                    ComputeInput = Of(batch.Value.Input),
                    ComputeInfer = Of(batch.Value.Infer),
                    ComputeOutput = Of(batch.Value.Output),
                }),
            },
        };
    }

    private static StatisticDuration Of(DurationCounter counter) => new() { Count = (ulong)counter.Count, Ns = (ulong)counter.Total.TotalNanoseconds };
}
