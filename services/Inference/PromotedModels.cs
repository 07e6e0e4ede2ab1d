using System.Runtime.ExceptionServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Inference.Rollouts;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.Inference;

/// <summary>
/// Serves what the registry says: at start, when an event says that something has changed, and from time to time, because
/// an event may have been missed. Events may come in any order, so what is served is always read from the registry.
/// </summary>
internal sealed partial class PromotedModels(
    RegistryStore registry, IArtifactStore artifacts, ModelHost host, IOptions<InferenceOptions> options, Replica replica, TimeProvider time, ILogger<PromotedModels> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Dictionary<string, Ordered> _ordered = [];

    /// <summary>By model, the promotion of which it was told last how its version fares.</summary>
    private readonly Dictionary<string, Guid> _told = [];

    /// <summary>Whether everything that was promoted before this replica began has been loaded once, or could not be.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Serves what is wanted of a model, unless it does already, and records how that went.</summary>
    public async Task ServeAsync(string modelName, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await LoadAsync(modelName, cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public override void Dispose()
    {
        _oneAtATime.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var names = await registry.ReadAsync((db, token) =>
                    db.Promotions.Select(promotion => promotion.ModelName).Distinct().ToListAsync(token), stoppingToken);
                foreach (var name in names)
                    await ServeAsync(name, stoppingToken);
                HasBegun = true;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The loop's edge: the registry may be away for a while; what is served goes on being served.
                LogNotRead(exception);
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private async Task LoadAsync(string modelName, CancellationToken cancellationToken)
    {
        // 1. What is wanted, and is it another thing than was ordered last?
        if (await registry.ReadAsync((db, token) => WantedAsync(db, modelName, token), cancellationToken) is not { } wanted)
            return;
        var (promotion, versions, order) = wanted;
        var ordered = new Ordered(promotion, string.Join(",", order.Versions.Select(version => version.Version)), order.Rollout);
        if (_ordered.GetValueOrDefault(modelName) == ordered)
            return;

        // 2. Load it, and say how that went: of the champion for each promotion, of others for each load.
        var outcomes = await host.ServeAsync(order, (version, token) => artifacts.ReadAsync(ContentDigest.Parse(version.Digest), token), cancellationToken);
        foreach (var outcome in outcomes.Where(outcome => !IsAway(outcome.Failure)))
        {
            var isChampion = outcome == outcomes[0];
            if (!outcome.IsNew && !(isChampion && _told.GetValueOrDefault(modelName) != promotion))
                continue;
            await registry.WriteAsync((db, _) => Record(db, versions[outcome.Status.Version.ModelVersionId], outcome), cancellationToken);
            if (isChampion)
                _told[modelName] = promotion;
        }

        // 3. What is away for a while is tried again.
        if (outcomes.FirstOrDefault(outcome => IsAway(outcome.Failure)) is { Failure: { } away })
            ExceptionDispatchInfo.Throw(away);
        _ordered[modelName] = ordered;
    }

    /// <summary>Whether it may go better the next time, with the same bytes.</summary>
    private static bool IsAway(Exception? failure) => failure is not (null or Fault { Kind: not FaultKind.Unavailable });

    /// <summary>What is to be served under a name; null where nothing was ever promoted.</summary>
    private async Task<(Guid Promotion, Dictionary<Guid, ModelVersion> Versions, ModelOrder Order)?> WantedAsync(RegistryDbContext db, string modelName, CancellationToken cancellationToken)
    {
        var champions = await (
            from promotion in db.Promotions
            where promotion.ModelName == modelName && promotion.Alias == Promotion.Champion
            join version in db.ModelVersions on promotion.ModelVersionId equals version.Id
            orderby promotion.Sequence descending
            select new { promotion.Id, Version = version }).ToListAsync(cancellationToken);
        if (champions.Count == 0)
            return null;
        var versions = champions.Select(champion => champion.Version).DistinctBy(version => version.Id).ToDictionary(version => version.Id);
        var rollout = await ActiveRollouts.Of(db).SingleOrDefaultAsync(row => row.ModelName == modelName, cancellationToken);
        RolloutRule? rule = null;
        if (rollout is not null)
        {
            var candidate = versions[rollout.ModelVersionId] = await db.ModelVersions.SingleAsync(version => version.Id == rollout.ModelVersionId, cancellationToken);
            rule = new RolloutRule(rollout.Id, Served(candidate), rollout.Mode, (await ActiveRollouts.LastStepAsync(db, rollout.Id, cancellationToken)).Weight);
        }

        return (champions[0].Id, versions, new ModelOrder
        {
            Champion = Served(champions[0].Version),
            Others = VersionChoice.Of(champions.Select(champion => Served(champion.Version)), options.Value.VersionsOf(modelName)),
            Rollout = rule,
        });
    }

    private static ServedVersion Served(ModelVersion version) => new()
    {
        Model = version.Name,
        Version = version.Version,
        Digest = version.Digest,
        Bytes = version.Bytes,
        ModelVersionId = version.Id,
        PipelineRunId = version.PipelineRunId,
    };

    private Task Record(RegistryDbContext db, ModelVersion version, LoadOutcome outcome)
    {
        var (milliseconds, reason) = (outcome.Status.LoadTime.TotalMilliseconds, outcome.Failure?.Message);
        var deployment = new Deployment
        {
            Id = registry.NewId(),
            Replica = replica.Id,
            ModelVersionId = version.Id,
            Ready = reason is null,
            LoadMilliseconds = milliseconds,
            Reason = reason,
            CreatedAt = registry.Now(),
        };
        db.Insert(deployment);
        db.Link(FactKind.Deployment, deployment.Id, "deploys", FactKind.ModelVersion, version.Id);
        db.Audit("inference", deployment.Ready ? "model.deployed" : "model.not-loaded", version.Id,
            new { deployment.Replica, version.Name, version.Version, version.Digest, reason });
        db.Publish(new ModelDeployed
        {
            EventId = registry.NewId(),
            OccurredAt = deployment.CreatedAt,
            PipelineRunId = version.PipelineRunId,
            Replica = deployment.Replica,
            ModelVersionId = version.Id,
            ModelName = version.Name,
            Version = version.Version,
            Ready = deployment.Ready,
            LoadMilliseconds = milliseconds,
            Reason = reason,
        });
        return Task.CompletedTask;
    }

    /// <summary>What was ordered last of a model, and for which promotion.</summary>
    private sealed record Ordered(Guid Promotion, string Versions, RolloutRule? Rollout);

    [LoggerMessage(Level = LogLevel.Warning, Message = "what to serve could not be read from the registry; trying again")]
    private partial void LogNotRead(Exception exception);
}
