using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Mlops.Registry.Durability;

/// <summary>Removes what nobody will ask for again. Facts, audit entries and work are never removed.</summary>
public sealed class Housekeeping(RegistryStore registry, RegistryContexts contexts, IOptions<RegistryOptions> options)
{
    private const int BatchSize = 5_000;

    /// <summary>Removes notes of handled events that are older than the retention, a bounded number in a transaction.</summary>
    /// <returns>How many.</returns>
    public async Task<int> CleanAsync(CancellationToken cancellationToken)
    {
        var (removed, before) = (0, registry.Now() - options.Value.InboxRetention);
        while (true)
        {
            var batch = await registry.WriteAsync((db, token) => db.InboxMessages
                .Where(message => message.HandledAt < before).OrderBy(message => message.HandledAt).Take(BatchSize)
                .ExecuteDeleteAsync(token), cancellationToken);
            removed += batch;
            if (batch < BatchSize)
                break;
        }
        if (contexts.IsEmbedded)
            removed += await registry.WriteAsync(Outbox.ForgetServedAsync, cancellationToken);
        return removed;
    }
}
