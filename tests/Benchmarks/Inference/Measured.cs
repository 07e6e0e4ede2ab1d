using System.Globalization;

namespace Mlops.Benchmarks.Inference;

/// <summary>One load's figures.</summary>
internal sealed record Measured(double PerSecond, double P50, double P95, double P99, double P999, double CpuMicroseconds, double AllocatedBytes)
{
    /// <summary>Puts a load on a server, and tells what it met and what it cost.</summary>
    public static async Task<Measured> OfAsync(MeasuredServer server, Func<LoadResult> load)
    {
        var before = await server.UsageAsync();
        var result = load();
        var after = await server.UsageAsync();
        if (result.Failed > 0)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{result.Failed} requests failed"));
        return new Measured(
            result.PerSecond, result.Percentile(0.5), result.Percentile(0.95), result.Percentile(0.99), result.Percentile(0.999),
            (after.CpuMicroseconds - before.CpuMicroseconds) / result.Answered, (after.AllocatedBytes - before.AllocatedBytes) / (double)result.Answered);
    }

    public static Measured Median(IReadOnlyList<Measured> rounds)
    {
        return new Measured(
            Of(round => round.PerSecond), Of(round => round.P50), Of(round => round.P95), Of(round => round.P99), Of(round => round.P999), Of(round => round.CpuMicroseconds), Of(round => round.AllocatedBytes));

        double Of(Func<Measured, double> figure) => rounds.Select(figure).Median();
    }
}
