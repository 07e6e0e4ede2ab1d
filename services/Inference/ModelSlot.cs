using System.Collections.Frozen;
using Mlops.Contracts;
using Mlops.Inference.Rollouts;

namespace Mlops.Inference;

/// <summary>Everything that is known under one model's name: which version answers, which others may be asked for, and those that drain.</summary>
internal sealed class ModelSlot(string name, InferenceOptions options, Func<ServedVersion, ModelSource, KnownVersion> know)
{
    private readonly Lock _lock = new();
    private readonly List<ServedModel> _leaving = [];
    private volatile ModelRoutes _routes = ModelRoutes.None;
    private bool _closed;

    /// <summary>One at a time. It has nothing to be disposed of.</summary>
    private SemaphoreSlim Orders { get; } = new(1);

    public static Fault ShuttingDown() => new(FaultKind.Unavailable, "", "the server is shutting down");

    /// <summary>Whether requests must wait for the name's first version.</summary>
    public bool IsComing => _routes.Champion is { Answers: false, Status.State: ModelState.Loading };

    /// <summary>
    /// Loads what is ordered, and then lets requests have it: new before old. One order at a time: the last wins because it
    /// comes last. Where the champion cannot be loaded, the one before goes on.
    /// </summary>
    /// <returns>How each version fared, the champion first.</returns>
    public async Task<IReadOnlyList<LoadOutcome>> ServeAsync(ModelOrder order, ModelSource source, CancellationToken cancellationToken)
    {
        await Orders.WaitAsync(cancellationToken);
        try
        {
            var before = _routes;
            var versions = order.Versions.ToDictionary(version => version.Number, version => before.Find(version) ?? know(version, source));
            var (ordered, goesOn) = (versions[order.Champion.Number], before.Champion is { Answers: true } champion ? champion : null);
            // Those that come can be asked about from now on, but nobody is sent to them.
            Route(new ModelRoutes(goesOn ?? ordered, versions.Concat(before.Versions).DistinctBy(pair => pair.Key).ToFrozenDictionary(), before.Trial));
            var outcomes = new List<LoadOutcome>();
            foreach (var version in versions.Values)
                outcomes.Add(await LoadAsync(version, cancellationToken));
            if (goesOn is not null && outcomes[0].Failure is not null)
                versions.TryAdd((ordered = goesOn).Version.Number, goesOn);
            Route(new ModelRoutes(ordered, versions.ToFrozenDictionary(), TrialOf(order.Rollout, versions, before.Trial)));
            return outcomes;
        }
        finally
        {
            Orders.Release();
        }
    }

    /// <summary>Takes no more requests.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
        Route(ModelRoutes.None);
    }

    /// <summary>The version asked for; empty asks for the champion.</summary>
    /// <exception cref="Fault">There is none.</exception>
    public KnownVersion Find(string version) =>
        (version.Length == 0 ? _routes.Champion : _routes.Versions.GetValueOrDefault(version)) ?? throw Missing(version);

    /// <summary>The rollout under way, if one is.</summary>
    public Trial? Trial => _routes.Trial;

    /// <summary>A handle of a version that is in memory: the one asked for, or the one that is to answer who asks for none.</summary>
    public ModelHandle? TryTake(string version, string key)
    {
        if (version.Length > 0 || _routes.Trial is not { } trial)
            return Find(version).TryTake();
        // A candidate that cannot answer at once is no reason for anybody to wait.
        var handle = trial.Choose(key)?.TryTake() ?? Find("").TryTake();
        if (handle is not null)
            handle.Trial = trial;
        return handle;
    }

    /// <summary>Numbers of the versions that answer, in order.</summary>
    public IReadOnlyList<string> Numbers() => [.. InOrder().Where(version => version.Answers).Select(version => version.Version.Number)];

    /// <summary>The same of those alone that take and give what a model does.</summary>
    public IReadOnlyList<string> NumbersLike(OnnxModel model) =>
        [.. InOrder().Where(version => version.Answers && version.Signature == model.Signature).Select(version => version.Version.Number)];

    /// <summary>A handle of the version asked for, which may have to be loaded first.</summary>
    public async Task<ModelHandle> TakeAsync(string version, CancellationToken cancellationToken)
    {
        // A version that is dismissed meanwhile gives none: then another has taken its place.
        while (true)
        {
            if (await Find(version).TakeAsync(cancellationToken) is { } handle)
                return handle;
        }
    }

    /// <summary>Versions that are in memory, those that drain included.</summary>
    public IReadOnlyList<ServedModel> Loaded() => [.. Lives().Where(model => model.Status.State is ModelState.Ready or ModelState.Draining)];

    public IReadOnlyList<ModelStatus> Statuses() =>
        [.. Leaving().Select(model => model.Status).Concat(InOrder().Select(version => version.Status))];

    private static async Task<LoadOutcome> LoadAsync(KnownVersion version, CancellationToken cancellationToken)
    {
        // What had to leave memory has shown that it can be loaded: it comes back when it is asked for.
        if (version.Answers)
            return new LoadOutcome(version.Status, IsNew: false, null);
        try
        {
            await version.LoadAsync().WaitAsync(cancellationToken);
            return new LoadOutcome(version.Status, IsNew: true, null);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return new LoadOutcome(version.Status, IsNew: true, failure);
        }
    }

    /// <summary>Requests go other ways from now on; versions to which none leads any more drain.</summary>
    private void Route(ModelRoutes routes)
    {
        List<KnownVersion> gone;
        bool isLate;
        lock (_lock)
        {
            isLate = _closed && routes.All.Any();
            gone = [.. isLate ? routes.All : _routes.All.Except(routes.All)];
            if (!isLate)
                _routes = routes;
            _leaving.AddRange(gone.Select(version => version.Latest));
        }

        foreach (var version in gone)
            version.Dismiss();
        if (isLate)
            throw ShuttingDown();
    }

    private Trial? TrialOf(RolloutRule? rule, Dictionary<string, KnownVersion> versions, Trial? before)
    {
        if (rule is null)
            return null;
        return new Trial(rule, versions[rule.Candidate.Number], before?.Rule.Id == rule.Id ? before.Counts : new TrialCounts(), options);
    }

    private Fault Missing(string version) => _closed
        ? ShuttingDown()
        : Fault.NotFound("model_version", $"model '{name}' has no version '{version}' loaded; loaded: {(Numbers() is { Count: > 0 } numbers ? string.Join(", ", numbers) : "none")}");

    private IEnumerable<KnownVersion> InOrder() => _routes.Versions.Values.OrderBy(version => version.Version.Version);

    private IEnumerable<ServedModel> Lives() => Leaving().Concat(InOrder().Select(version => version.Latest));

    private ServedModel[] Leaving()
    {
        lock (_lock)
        {
            _leaving.RemoveAll(model => model.Status.State is not (ModelState.Ready or ModelState.Draining));
            return [.. _leaving];
        }
    }
}

/// <summary>Where requests go. It never changes: another takes its place.</summary>
/// <param name="Champion">Who answers requests that ask for no version.</param>
/// <param name="Versions">Who may be asked for, by number.</param>
/// <param name="Trial">The rollout under way, if one is.</param>
internal sealed record ModelRoutes(KnownVersion? Champion, FrozenDictionary<string, KnownVersion> Versions, Trial? Trial)
{
    public static ModelRoutes None { get; } = new(null, FrozenDictionary<string, KnownVersion>.Empty, null);

    /// <summary>Everybody who may be asked.</summary>
    public IEnumerable<KnownVersion> All => Champion is null ? Versions.Values : Versions.Values.Append(Champion).Distinct();

    /// <summary>Who answers for a version already; null where nobody does.</summary>
    public KnownVersion? Find(ServedVersion version) => All.FirstOrDefault(known => known.Answers && known.Version == version);
}
