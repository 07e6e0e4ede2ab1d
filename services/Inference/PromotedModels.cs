using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.Inference;

/// <summary>
/// Serves what the registry says: at start, when an event says that something has changed, and from time to time, because
/// an event may have been missed. Events may come in any order, so what is served is always read from the registry.
/// </summary>
internal sealed partial class PromotedModels(
    RegistryStore registry, IArtifactStore artifacts, ModelHost host, Replica replica, TimeProvider time, ILogger<PromotedModels> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Dictionary<string, Guid> _told = [];

    /// <summary>Whether everything that was promoted before this replica began has been loaded once, or could not be.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Loads the champion of a model, unless it is served already, and records how that went.</summary>
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
        var champion = await registry.ReadAsync((db, token) => ChampionAsync(db, modelName, token), cancellationToken);
        if (champion is not { } found || _told.GetValueOrDefault(modelName) == found.Promotion.Id)
            return;
        var (promotion, version) = found;
        var served = new ServedVersion
        {
            Model = version.Name,
            Version = version.Version,
            Digest = version.Digest,
            ModelVersionId = version.Id,
            PipelineRunId = version.PipelineRunId,
        };
        var (milliseconds, reason) = (0.0, (string?)null);
        var begun = time.GetTimestamp();
        try
        {
            var status = await host.LoadAsync(served, token => artifacts.ReadAsync(ContentDigest.Parse(version.Digest), token), cancellationToken);
            milliseconds = status.LoadTime.TotalMilliseconds;
        }
        catch (Fault fault) when (fault.Kind != FaultKind.Unavailable)
        {
            (milliseconds, reason) = (time.GetElapsedTime(begun).TotalMilliseconds, fault.Message);
        }
        await registry.WriteAsync((db, _) => Record(db, version, milliseconds, reason), cancellationToken);
        _told[modelName] = promotion.Id;
    }

    private static async Task<(Promotion Promotion, ModelVersion Version)?> ChampionAsync(RegistryDbContext db, string modelName, CancellationToken cancellationToken)
    {
        var found = await (
            from promotion in Champions.Of(db)
            where promotion.ModelName == modelName
            join version in db.ModelVersions on promotion.ModelVersionId equals version.Id
            select new { promotion, version }).SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : (found.promotion, found.version);
    }

    private Task Record(RegistryDbContext db, ModelVersion version, double milliseconds, string? reason)
    {
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "what to serve could not be read from the registry; trying again")]
    private partial void LogNotRead(Exception exception);
}
