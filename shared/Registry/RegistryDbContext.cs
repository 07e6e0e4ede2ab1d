using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Mlops.Contracts.Spec;
using Mlops.Registry.Audit;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.Registry;

/// <summary>
/// The registry: facts, their lineage, the audit log, and what makes events and work durable. Writes go through
/// <see cref="RegistryStore.WriteAsync{T}"/>, so that a fact, its audit entry and its event are one transaction.
/// </summary>
public abstract class RegistryDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>The rows that this unit of work adds and has not written yet.</summary>
    internal List<object> Inserted { get; } = [];

    internal List<PendingAudit> PendingAudits { get; } = [];

    /// <summary>Whether this unit of work added events that wait to be published.</summary>
    internal bool HasPublished { get; set; }

    /// <summary>The kinds of work that this unit of work added.</summary>
    internal HashSet<string> Enqueued { get; } = [];

    /// <summary>Whether this unit of work moved a piece of a run's work on, or ended a run.</summary>
    internal bool HasMovedRuns { get; set; }

    /// <summary>Registered versions of data sets.</summary>
    public DbSet<DatasetVersion> DatasetVersions => Set<DatasetVersion>();

    /// <summary>Runs of pipeline specs.</summary>
    public DbSet<PipelineRun> PipelineRuns => Set<PipelineRun>();

    /// <summary>How attempts of runs ended; <see cref="Outcomes.Of"/> says what holds.</summary>
    public DbSet<PipelineOutcome> PipelineOutcomes => Set<PipelineOutcome>();

    /// <summary>Outcomes that a person had set aside.</summary>
    public DbSet<PipelineRetry> PipelineRetries => Set<PipelineRetry>();

    /// <summary>Trainings that were done elsewhere.</summary>
    public DbSet<ExternalRun> ExternalRuns => Set<ExternalRun>();

    /// <summary>Finished trainings.</summary>
    public DbSet<TrainingRun> TrainingRuns => Set<TrainingRun>();

    /// <summary>Finished folds of cross-validations.</summary>
    public DbSet<Fold> Folds => Set<Fold>();

    /// <summary>Trainings that are to be done again.</summary>
    public DbSet<ReproductionRequest> ReproductionRequests => Set<ReproductionRequest>();

    /// <summary>What came of doing trainings again.</summary>
    public DbSet<Reproduction> Reproductions => Set<Reproduction>();

    /// <summary>Ended trials of searches.</summary>
    public DbSet<Trial> Trials => Set<Trial>();

    /// <summary>Metrics of trainings by epoch.</summary>
    public DbSet<MetricPoint> MetricPoints => Set<MetricPoint>();

    /// <summary>Originals and compressed variants.</summary>
    public DbSet<ModelVersion> ModelVersions => Set<ModelVersion>();

    /// <summary>What model versions reached.</summary>
    public DbSet<EvaluationReport> EvaluationReports => Set<EvaluationReport>();

    /// <summary>Finished compressions.</summary>
    public DbSet<Compression> Compressions => Set<Compression>();

    /// <summary>Which version an alias pointed to, and when.</summary>
    public DbSet<Promotion> Promotions => Set<Promotion>();

    /// <summary>Versions that are or were tried before a promotion.</summary>
    public DbSet<Rollout> Rollouts => Set<Rollout>();

    /// <summary>How rollouts got on.</summary>
    public DbSet<RolloutStep> RolloutSteps => Set<RolloutStep>();

    /// <summary>What replicas saw of rollouts.</summary>
    public DbSet<RolloutObservation> RolloutObservations => Set<RolloutObservation>();

    /// <summary>Which replica loaded what.</summary>
    public DbSet<Deployment> Deployments => Set<Deployment>();

    /// <summary>What came from what.</summary>
    public DbSet<LineageEdge> LineageEdges => Set<LineageEdge>();

    /// <summary>The audit log.</summary>
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    /// <summary>Events that wait to be published.</summary>
    public DbSet<OutboxMessage> OutboxMessages => Set<OutboxMessage>();

    /// <summary>Events that were handled.</summary>
    public DbSet<InboxMessage> InboxMessages => Set<InboxMessage>();

    /// <summary>Messages that could not be handled.</summary>
    public DbSet<DeadLetter> DeadLetters => Set<DeadLetter>();

    /// <summary>Long work: waiting, under way, done, failed.</summary>
    public DbSet<WorkItem> WorkItems => Set<WorkItem>();

    /// <summary>Begins anew: what an attempt before had in mind to write is forgotten.</summary>
    internal void Forget()
    {
        ChangeTracker.Clear();
        Inserted.Clear();
        PendingAudits.Clear();
        Enqueued.Clear();
        (HasPublished, HasMovedRuns) = (false, false);
    }

    /// <summary>
    /// Adds rows at the end of this transaction, or with its next SaveChanges, in whatever order their foreign keys need.
    /// They are not tracked, because facts never change.
    /// </summary>
    public void Insert(params IEnumerable<object> rows)
    {
        foreach (var row in rows)
        {
            Inserted.Add(row);
            HasMovedRuns |= row is PipelineOutcome;
        }
    }

    /// <summary>Puts an event into the outbox of this transaction.</summary>
    /// <param name="message">One of <c>Mlops.Contracts.Events</c>.</param>
    public void Publish(object message)
    {
        var header = EventTypes.HeaderOf(message);
        Insert(new OutboxMessage
        {
            Id = header.EventId,
            Type = header.Name,
            Body = JsonSerializer.Serialize(message, message.GetType(), SpecJson.Canonical),
            PipelineRunId = header.PipelineRunId,
            CreatedAt = header.OccurredAt,
            DueAt = header.OccurredAt,
        });
        HasPublished = true;
    }

    /// <summary>Writes into the audit log at the end of this transaction.</summary>
    /// <param name="actor">The service or person that does it.</param>
    /// <param name="action">What is done, such as <c>dataset.registered</c>.</param>
    /// <param name="subjectId">The fact that it is done to, or that it makes.</param>
    /// <param name="data">What an auditor wants to see of it; digests rather than contents.</param>
    public void Audit(string actor, string action, Guid subjectId, object data) =>
        PendingAudits.Add(new PendingAudit(actor, action, subjectId, JsonSerializer.Serialize(data, SpecJson.Canonical)));

    /// <summary>Says what a fact was made from.</summary>
    public void Link(FactKind childKind, Guid childId, string relation, FactKind parentKind, Guid parentId) =>
        Insert(new LineageEdge { ChildKind = childKind, ChildId = childId, Relation = relation, ParentKind = parentKind, ParentId = parentId });

    /// <summary>Waits until no other transaction holds that fact; it is let go when this transaction ends.</summary>
    public Task HoldAsync(FactKind kind, Guid id, CancellationToken cancellationToken) => LockAsync($"{kind}:{id}", cancellationToken);

    /// <summary>
    /// Waits until no other transaction holds the lock of that name; it is let go when this transaction ends.
    /// </summary>
    internal abstract Task LockAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Writes what was changed, inserted and last audited, and commits. The log has one end, where everybody writes: nobody
    /// else sees it from the audit entries on until the transaction has ended.
    /// </summary>
    internal abstract Task CommitAsync(IDbContextTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for a number of which nobody else may be given the same: waits for the lock of that name, which is let go when
    /// this transaction ends, and then reads.
    /// </summary>
    /// <param name="lockName">What it is a number of.</param>
    /// <param name="query">Gives one row with one integer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal abstract Task<int> NumberAsync(string lockName, FormattableString query, CancellationToken cancellationToken);

    /// <summary>Runs a statement that gives whole rows of a table; they are not tracked.</summary>
    /// <param name="statement">With {0}, {1} … for the parameters.</param>
    /// <param name="parameters">None is null.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    internal abstract Task<List<T>> RowsAsync<T>(string statement, object[] parameters, CancellationToken cancellationToken) where T : class;

    /// <summary>The clause by which a claim passes over rows that another transaction holds; empty where there is one writer.</summary>
    internal abstract string SkipLocked { get; }

    /// <summary>A time as raw SQL must give it.</summary>
    internal abstract object Stored(DateTimeOffset at);

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(RegistryDbContext).Assembly);
}
