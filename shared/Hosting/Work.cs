using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>Does one kind of long work.</summary>
public interface IWorkHandler
{
    /// <summary>The kind, verb-noun.</summary>
    string Kind { get; }

    /// <summary>
    /// Does the work and ends it with <see cref="WorkContext.CompleteAsync"/>. A <see cref="Fault"/> fails the
    /// pipeline run with its reason; any other exception is tried again.
    /// </summary>
    Task RunAsync(WorkContext work, CancellationToken cancellationToken);

    /// <summary>Ends work that failed too often, where the pipeline run goes on without it.</summary>
    /// <param name="work">The work.</param>
    /// <param name="reason">How it failed.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <returns>False where nothing was done, because the run cannot go on: then it fails.</returns>
    Task<bool> TryGiveUpAsync(WorkContext work, string reason, CancellationToken cancellationToken) => Task.FromResult(false);
}

/// <summary>One piece of work in the hands of a worker; every write through it is refused once the lease is lost.</summary>
public sealed class WorkContext(WorkItem item, WorkQueue queue, RegistryStore registry)
{
    /// <summary>The work.</summary>
    public WorkItem Item => item;

    /// <summary>Writes while the work goes on.</summary>
    /// <exception cref="LeaseLostException">Somebody else has the work by now; nothing was written.</exception>
    public Task WriteAsync(Func<RegistryDbContext, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        registry.WriteAsync(async (db, token) =>
        {
            await queue.HoldAsync(db, item, token);
            await write(db, token);
        }, cancellationToken);

    /// <summary>Writes while the work goes on, and notes with it from where another attempt can go on.</summary>
    /// <param name="checkpoint">SHA-256 of an artifact.</param>
    /// <param name="write">What else belongs to this state of the work.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="LeaseLostException">Somebody else has the work by now; nothing was written.</exception>
    public Task CheckpointAsync(string checkpoint, Func<RegistryDbContext, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        registry.WriteAsync(async (db, token) =>
        {
            await queue.CheckpointAsync(db, item, checkpoint, token);
            await write(db, token);
        }, cancellationToken);

    /// <summary>Tells how far the work is, in the transaction of a write.</summary>
    public Task TellAsync(RegistryDbContext db, TrainingProgress progress, CancellationToken cancellationToken) => WorkQueue.TellAsync(db, item, progress, cancellationToken);

    /// <summary>Ends the work in one transaction with its facts and events.</summary>
    /// <exception cref="LeaseLostException">Somebody else has the work by now; nothing was written.</exception>
    public Task CompleteAsync(Func<RegistryDbContext, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        registry.WriteAsync(async (db, token) =>
        {
            await queue.EndAsync(db, item, error: null, token);
            await write(db, token);
        }, cancellationToken);
}

/// <summary>Registers work.</summary>
public static class Work
{
    /// <summary>Adds a handler and a worker for it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="slots">How many pieces of work at a time in this process, together with the other work that has the same; one piece of this work alone unless given.</param>
    public static IServiceCollection AddWork<THandler>(this IServiceCollection services, WorkSlots? slots = null)
        where THandler : class, IWorkHandler
    {
        var shared = slots ?? new WorkSlots(1);
        services.AddSingleton<THandler>();
        services.AddSingleton(new WorkSlots<THandler>(shared));
        for (var slot = 0; slot < shared.Count; slot++)
            services.AddSingleton<Microsoft.Extensions.Hosting.IHostedService>(provider => ActivatorUtilities.CreateInstance<Worker<THandler>>(provider));
        return services;
    }
}
