using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Testing;

namespace Mlops.Benchmarks.Pipeline;

/// <summary>Events from their commit to their consumer: how soon, how many, and whether a long history slows them down.</summary>
internal static class OutboxFlow
{
    private const int WarmUpEvents = 4_000, SingleEvents = 500, EventsOfATransaction = 20, MostUnderWay = 4_000, Writers = 4, HistoryEvents = 2_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20), Duration = TimeSpan.FromSeconds(15), Longest = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(Figures figures, PostgresServer postgres, RabbitServer rabbit)
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var owner = TestRegistry.OpenPostgres(database);
        await owner.Schema.MigrateAsync(CancellationToken.None);
        await Topology.DeployAsync(OptionsOf(rabbit), CancellationToken.None);
        await using (var host = await EventHost.StartAsync(database, rabbit, once: false))
        {
            await ArriveAsync(host, () => host.CommitAsync(WarmUpEvents / 10), 10);
            await SoonAsync(figures, host);
            await ManyAsync(figures, host);
        }
        await using (var host = await EventHost.StartAsync(database, rabbit, once: true))
            await HistoryAsync(figures, host, owner.Store);
    }

    /// <summary>One event at a time, on a system that has nothing else to do.</summary>
    private static async Task SoonAsync(Figures figures, EventHost host)
    {
        host.Arrivals.Forget();
        await ArriveAsync(host, async () =>
        {
            await host.CommitAsync(1);
            await Task.Delay(Pause);
        }, SingleEvents);
        figures.AtMost("outbox-commit-to-consumed-p50", host.Arrivals.Latencies.Percentile(0.5), "ms", 15);
        figures.Add("outbox-commit-to-consumed-p99", host.Arrivals.Latencies.Percentile(0.99), "ms");
    }

    /// <summary>As many as writers commit, who wait when too many are under way.</summary>
    private static async Task ManyAsync(Figures figures, EventHost host)
    {
        var clock = Stopwatch.StartNew();
        var before = host.Arrivals.Count;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            while (clock.Elapsed < Duration)
            {
                if (host.Arrivals.UnderWay < MostUnderWay)
                    await host.CommitAsync(EventsOfATransaction);
                else
                    await Task.Delay(1);
            }
        }));
        figures.AtLeast("outbox-sustained", (host.Arrivals.Count - before) / clock.Elapsed.TotalSeconds, "events/s", 1_500);
        await EmptyAsync(host);
    }

    /// <summary>The whole way of an event, audit entry and inbox included, with few and with many rows in the tables that grow.</summary>
    private static async Task HistoryAsync(Figures figures, EventHost host, RegistryStore owner)
    {
        async Task<double> CostAsync()
        {
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => ArriveAsync(host, () => host.CommitAsync(1, audited: true), HistoryEvents / Writers)));
            return clock.Elapsed.TotalMilliseconds / HistoryEvents;
        }

        await CostAsync();
        await FillAsync(owner, 1_000);
        var few = await CostAsync();
        await FillAsync(owner, 1_000_000);
        var many = await CostAsync();
        figures.Add("event-cost-with-1000-rows-of-history", few, "ms/event");
        figures.Add("event-cost-with-1000000-rows-of-history", many, "ms/event");
        figures.AtMost("event-cost-ratio", many / few, "×", 1.1);
    }

    private static async Task FillAsync(RegistryStore owner, int rows)
    {
        string[] fills =
        [
            $"INSERT INTO inbox_messages (consumer, message_id, handled_at) SELECT 'RecordOutcome', gen_random_uuid(), now() FROM generate_series(1, {rows})",
            $"INSERT INTO audit_entries (sequence, at, actor, action, subject_id, data, previous_hash, hash) SELECT n + (SELECT max(sequence) FROM audit_entries), now(), 'a', 'b', gen_random_uuid(), '{{{{}}}}', repeat('0', 64), repeat('0', 64) FROM generate_series(1, {rows}) n",
            $"INSERT INTO lineage_edges (child_kind, child_id, relation, parent_kind, parent_id) SELECT 'ModelVersion', gen_random_uuid(), 'produced-by', 'TrainingRun', gen_random_uuid() FROM generate_series(1, {rows})",
            $"INSERT INTO metric_points (training_run_id, name, step, value) SELECT gen_random_uuid(), 'train/loss', 1, 0.5 FROM generate_series(1, {rows})",
        ];
        await owner.WriteAsync(async (db, token) =>
        {
            db.Database.SetCommandTimeout(Longest);
            foreach (var fill in fills)
                await db.Database.ExecuteSqlRawAsync(fill, token);
        }, CancellationToken.None);
        await owner.ReadAsync((db, token) => db.Database.ExecuteSqlRawAsync("ANALYZE", token), CancellationToken.None);
    }

    private static async Task ArriveAsync(EventHost host, Func<Task> commit, int times)
    {
        for (var i = 0; i < times; i++)
            await commit();
        await EmptyAsync(host);
    }

    private static Task EmptyAsync(EventHost host) => Servers.UntilAsync(() => Task.FromResult(host.Arrivals.UnderWay == 0), Longest, "the events' arrival");

    private static BusOptions OptionsOf(RabbitServer rabbit)
    {
        var settings = rabbit.Settings().ToDictionary(setting => setting.Key, setting => setting.Value);
        return new BusOptions { Transport = BusTransport.RabbitMq, Host = settings["Bus:Host"], Port = int.Parse(settings["Bus:Port"]), Username = settings["Bus:Username"], Password = settings["Bus:Password"] };
    }
}
