using System.Collections.Concurrent;

namespace Mlops.Fuzz;

/// <summary>What came of a run.</summary>
/// <param name="Outcomes">Cases by kind and outcome.</param>
/// <param name="Failures">Cases that must not have ended so, the first hundred.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Growth">Bytes that the process's memory grew by, from a fifth of the cases on.</param>
public sealed record FuzzResult(IReadOnlyDictionary<(string Kind, string Outcome), long> Outcomes, IReadOnlyList<string> Failures, TimeSpan Elapsed, long Growth)
{
    /// <summary>Memory may grow by this: what a collector and an allocator keep for the next request.</summary>
    public const long MostGrowth = 96 << 20;

    /// <summary>Whether nothing went wrong.</summary>
    public bool Holds => Failures.Count == 0 && Growth <= MostGrowth;
}

/// <summary>Sends cases to both fronts, several at once.</summary>
public static class FuzzRun
{
    private const int AtOnce = 12, MostFailures = 100;

    /// <param name="seed">Of every case.</param>
    /// <param name="cases">How many, or with <paramref name="only"/> set that one alone.</param>
    /// <param name="only">A case to send again.</param>
    /// <param name="progress">Told how many are done, now and then.</param>
    public static async Task<FuzzResult> RunAsync(int seed, long cases, long? only = null, Action<long>? progress = null)
    {
        await using var server = await FuzzServer.StartAsync();
        var (outcomes, failures) = (new ConcurrentDictionary<(string, string), long>(), new ConcurrentQueue<string>());
        var begun = TimeProvider.System.GetTimestamp();
        long next = only ?? 0, end = only + 1 ?? cases, before = 0;
        var warmUp = cases / 5;
        await Task.WhenAll(Enumerable.Range(0, only is null ? AtOnce : 1).Select(_ => Task.Run(async () =>
        {
            for (var number = Interlocked.Increment(ref next) - 1; number < end; number = Interlocked.Increment(ref next) - 1)
            {
                var made = FuzzCase.Of(seed, number);
                var (outcome, problem) = await server.SendAsync(made);
                outcomes.AddOrUpdate((made.Kind, outcome), 1, (_, count) => count + 1);
                if (problem is not null && failures.Count < MostFailures)
                    failures.Enqueue($"case {number} ({made.Kind}, {made.Method} {(made.Path.Length > 120 ? made.Path[..120] : made.Path)}): {problem}\n  body: {Convert.ToHexStringLower(made.Body.AsSpan(0, Math.Min(made.Body.Length, 400)))}");
                if (number == warmUp)
                    Volatile.Write(ref before, Memory());
                if (number % 100_000 == 0)
                    progress?.Invoke(number);
            }
        })));
        var elapsed = TimeProvider.System.GetElapsedTime(begun);
        return new FuzzResult(outcomes, [.. failures], elapsed, only is null ? Memory() - before : 0);
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }
}
