using System.Collections.Concurrent;

namespace Mlops.Client.Calls;

/// <summary>A model as it is asked for.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Version">Its version; empty for the current one.</param>
internal readonly record struct ModelKey(string Model, string Version);

/// <summary>What the models that were asked about take and give. Many callers who need the same at a time ask the server once.</summary>
/// <param name="ask">Asks the server.</param>
/// <param name="columns">The columns that the options tell of a model; empty if they do not.</param>
/// <param name="time">Measures how long a caller waits.</param>
internal sealed class KnownModels(Func<ModelKey, Task<ModelMetadata>> ask, Func<string, IReadOnlyList<string>> columns, TimeProvider time)
{
    private readonly ConcurrentDictionary<ModelKey, ModelSchema> _known = new();
    private readonly ConcurrentDictionary<ModelKey, Lazy<Task<ModelSchema>>> _underway = new();

    /// <summary>As it was told last; null if it never was.</summary>
    public ModelSchema? Find(ModelKey key) => _known.GetValueOrDefault(key);

    /// <summary>As it is now, after <paramref name="stale"/> seemed not to be true any more.</summary>
    public async Task<ModelSchema> RefreshAsync(ModelKey key, ModelSchema stale, CallBudget budget, CancellationToken cancellationToken) =>
        Find(key) is { } known && known != stale ? known : await AskAsync(key, budget, cancellationToken);

    /// <summary>As the server tells it now.</summary>
    public async Task<ModelSchema> AskAsync(ModelKey key, CallBudget budget, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var asked = _underway.GetOrAdd(key, _ => new Lazy<Task<ModelSchema>>(() => LoadAsync(key))).Value;
        try
        {
            return await asked.WaitAsync(budget.Remaining, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw InferenceException.Late(budget.Total);
        }
    }

    private async Task<ModelSchema> LoadAsync(ModelKey key)
    {
        try
        {
            var metadata = await ask(key);
            return _known.AddOrUpdate(key,
                _ => new ModelSchema(metadata, columns(key.Model), known: null),
                (_, known) => new ModelSchema(metadata, columns(key.Model), known));
        }
        finally
        {
            _underway.TryRemove(key, out _);
        }
    }
}
