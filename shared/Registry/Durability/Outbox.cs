using Microsoft.EntityFrameworkCore;

namespace Mlops.Registry.Durability;

/// <summary>Events that were committed with their facts, on their way to the bus: published at least once, in no promised order.</summary>
public sealed class Outbox(RegistryStore registry, RegistryContexts contexts)
{
    /// <summary>The most events in a dispatch; where there were as many, there may be more.</summary>
    public const int BatchSize = 100;

    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);

    /// <summary>Publishes what is due and notes what became of it.</summary>
    /// <param name="publish">Hands one event to the bus and returns when the bus has it; throws when it does not.</param>
    /// <param name="onFailed">Told of each event that the bus did not take; it is tried again later.</param>
    /// <param name="cancellationToken">Stops the dispatch; what was not noted is published again.</param>
    /// <returns>How many events were due.</returns>
    public async Task<int> DispatchAsync(
        Func<OutboxMessage, CancellationToken, Task> publish, Action<OutboxMessage, Exception> onFailed, CancellationToken cancellationToken)
    {
        if (contexts.IsEmbedded)
        {
            // The one dispatcher needs no lock, and must not be the one writer while it publishes.
            var due = await registry.ReadAsync(DueAsync, cancellationToken);
            if (due.Count == 0)
                return 0;
            var results = await PublishAsync(due, publish, onFailed, cancellationToken);
            await registry.WriteAsync((db, token) => NoteAsync(db, due, results, token), cancellationToken);
            return due.Count;
        }

        return await registry.WriteAsync(async (db, token) =>
        {
            var due = await DueAsync(db, token);
            await NoteAsync(db, due, await PublishAsync(due, publish, onFailed, token), token);
            return due.Count;
        }, cancellationToken);
    }

    /// <summary>
    /// Sends again what a killed process may have taken with it: everything that was published for runs that have not
    /// ended. Consumers know what they have handled.
    /// </summary>
    public Task RedriveAsync(CancellationToken cancellationToken) =>
        registry.WriteAsync(async (db, token) =>
        {
            await ForgetServedAsync(db, token);
            await SendAgainAsync(db, db.OutboxMessages.Where(message => !Outcomes.Of(db).Any(outcome => outcome.PipelineRunId == message.PipelineRunId)), token);
        }, cancellationToken);

    /// <summary>The same for one run that goes on after it had ended, in this transaction; where the bus keeps what it was given, there is nothing to do.</summary>
    public static Task RedriveAsync(RegistryDbContext db, Guid pipelineRunId, CancellationToken cancellationToken) =>
        SendAgainAsync(db, db.OutboxMessages.Where(message => message.PipelineRunId == pipelineRunId), cancellationToken);

    /// <summary>On the embedded default, removes published events that will never be sent again, because their run's model is served.</summary>
    internal static Task<int> ForgetServedAsync(RegistryDbContext db, CancellationToken cancellationToken) =>
        db.OutboxMessages
            .Where(message => message.PublishedAt != null
                && (message.PipelineRunId == null || db.PipelineOutcomes.Any(outcome => outcome.PipelineRunId == message.PipelineRunId && outcome.Served)))
            .ExecuteDeleteAsync(cancellationToken);

    private static async Task SendAgainAsync(RegistryDbContext db, IQueryable<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        var sent = await messages.Where(message => message.PublishedAt != null)
            .ExecuteUpdateAsync(update => update.SetProperty(row => row.PublishedAt, (DateTimeOffset?)null), cancellationToken);
        db.HasPublished |= sent > 0;
    }

    private Task<List<OutboxMessage>> DueAsync(RegistryDbContext db, CancellationToken cancellationToken)
    {
        var now = db.Stored(registry.Now());
        var due = $"SELECT * FROM outbox_messages WHERE published_at IS NULL AND due_at <= {{0}} ORDER BY due_at, id LIMIT {BatchSize} {db.SkipLocked}";
        return db.RowsAsync<OutboxMessage>(due, [now], cancellationToken);
    }

    private static async Task<bool[]> PublishAsync(
        List<OutboxMessage> due, Func<OutboxMessage, CancellationToken, Task> publish, Action<OutboxMessage, Exception> onFailed, CancellationToken cancellationToken) =>
        await Task.WhenAll(due.Select(async message =>
        {
            try
            {
                await publish(message, cancellationToken);
                return true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The bus's edge: whatever it threw, the event stays and is due again later.
                onFailed(message, exception);
                return false;
            }
        }));

    private async Task NoteAsync(RegistryDbContext db, List<OutboxMessage> due, bool[] published, CancellationToken cancellationToken)
    {
        var now = registry.Now();
        var results = due.Zip(published).ToLookup(result => result.Second, result => result.First);
        if (results.Contains(true))
        {
            var done = results[true].Select(message => message.Id).ToList();
            var taken = db.OutboxMessages.Where(message => done.Contains(message.Id));
            if (contexts.IsEmbedded)
                await taken.ExecuteUpdateAsync(update => update.SetProperty(row => row.PublishedAt, now), cancellationToken);
            else
                await taken.ExecuteDeleteAsync(cancellationToken);
        }
        foreach (var message in results[false])
        {
            var (attempts, dueAt) = (message.Attempts + 1, now + BackOff(message.Attempts + 1));
            await db.OutboxMessages.Where(row => row.Id == message.Id)
                .ExecuteUpdateAsync(update => update.SetProperty(row => row.Attempts, attempts).SetProperty(row => row.DueAt, dueAt), cancellationToken);
        }
    }

    private static TimeSpan BackOff(int attempts) =>
        TimeSpan.FromSeconds(Math.Min(LongestBackOff.TotalSeconds, 0.1 * Math.Pow(2, Math.Min(attempts, 16))));
}
