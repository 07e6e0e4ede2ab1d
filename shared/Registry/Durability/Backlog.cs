using Microsoft.EntityFrameworkCore;

namespace Mlops.Registry.Durability;

/// <summary>What waits, and what was given up: what an operator watches, and what replicas are scaled by.</summary>
/// <param name="Work">Work that is not done; a kind and state of which there is none is left out.</param>
/// <param name="OutboxMessages">Events that the bus has not been given yet.</param>
/// <param name="OutboxAge">How long the oldest of them has waited; zero where there is none.</param>
public sealed record Backlog(IReadOnlyList<BacklogWork> Work, int OutboxMessages, TimeSpan OutboxAge)
{
    /// <summary>The backlog as it is now.</summary>
    public static Task<Backlog> ReadAsync(RegistryStore registry, CancellationToken cancellationToken) => registry.ReadAsync(async (db, token) =>
    {
        // Apart, because each has an index of its own: done work is never read.
        List<BacklogWork> work =
        [
            .. await CountAsync(db.WorkItems.Where(item => item.State == WorkState.Queued), token),
            .. await CountAsync(db.WorkItems.Where(item => item.State == WorkState.Leased), token),
            .. await CountAsync(db.WorkItems.Where(item => item.State == WorkState.Failed), token),
        ];
        var waiting = await db.OutboxMessages.Where(message => message.PublishedAt == null).GroupBy(_ => 1)
            .Select(messages => new { Count = messages.Count(), Oldest = messages.Min(message => message.CreatedAt) }).SingleOrDefaultAsync(token);
        var age = waiting is null ? TimeSpan.Zero : registry.Now() - waiting.Oldest;
        return new Backlog(work, waiting?.Count ?? 0, age > TimeSpan.Zero ? age : TimeSpan.Zero);
    }, cancellationToken);

    private static Task<List<BacklogWork>> CountAsync(IQueryable<WorkItem> work, CancellationToken cancellationToken) => work
        .GroupBy(item => new { item.Kind, item.Requirement, item.State })
        .Select(items => new BacklogWork(items.Key.Kind, items.Key.Requirement, items.Key.State, items.Count())).ToListAsync(cancellationToken);
}

/// <summary>How much work of a kind there is in a state.</summary>
/// <param name="Kind">Verb-noun, such as <c>train-model</c>.</param>
/// <param name="Requirement">What its worker must have: <c>cpu</c> or <c>cuda</c>.</param>
/// <param name="State">Queued, leased or failed.</param>
/// <param name="Count">Pieces, at least 1.</param>
public sealed record BacklogWork(string Kind, string Requirement, WorkState State, int Count);
