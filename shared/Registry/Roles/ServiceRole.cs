using Mlops.Contracts.Events;
using Mlops.Registry.Lineage;
using static Mlops.Registry.Roles.TableRight;

namespace Mlops.Registry.Roles;

/// <summary>
/// A service's role in PostgreSQL: it may read everything, and write what is its own. A service that writes another kind
/// of fact, event or work needs a line here, and the migrate command run again.
/// </summary>
/// <param name="Service">The service's name, such as <c>trainer</c>.</param>
/// <param name="Rights">What it may write besides the audit log, to which all may append through a function alone.</param>
internal sealed record ServiceRole(string Service, IReadOnlyList<TableRight> Rights)
{
    private const string Outbox = "outbox_messages", Inbox = "inbox_messages", Work = "work_items", Edges = "lineage_edges", Models = "model_versions";

    /// <summary>Its name in the database.</summary>
    public string Name => $"mlops_{Service}";

    /// <summary>One for each service.</summary>
    public static IReadOnlyList<ServiceRole> All { get; } =
    [
        new("datasets",
        [
            Insert("dataset_versions"),
            Insert("pipeline_runs"),
            Insert(Edges, Child(FactKind.PipelineRun)),
            .. Publishes(nameof(DatasetRegistered), nameof(TrainingRequested), nameof(EvaluationRequested)),
        ]),
        new("trainer",
        [
            .. Works([ModelWork.Kind, FoldWork.Kind, TrialWork.Kind, ReproductionWork.Kind], ["AcceptTraining", "CollectFolds", "CollectTrials", "AcceptReproduction"]),
            Insert("training_runs"),
            Insert("folds"),
            Insert("trials"),
            Insert("reproductions"),
            Insert("metric_points", UnfinishedTraining),
            Delete("metric_points", UnfinishedTraining),
            Insert(Models, "parent_id IS NULL AND external_run_id IS NULL"),
            Insert(Edges, Child(FactKind.TrainingRun, FactKind.Fold, FactKind.Trial, FactKind.Reproduction, FactKind.ModelVersion)),
            .. Publishes(nameof(FoldCompleted), nameof(TrialCompleted), nameof(TrainingCompleted), nameof(PipelineFailed)),
        ]),
        new("evaluator",
        [
            .. Works(["evaluate-model"], ["AcceptEvaluation"]),
            Insert("evaluation_reports"),
            Insert(Edges, Child(FactKind.EvaluationReport)),
            .. Publishes(nameof(ModelEvaluated), nameof(PipelineFailed)),
        ]),
        new("compressor",
        [
            .. Works(["compress-model"], ["AcceptCompression"]),
            Insert("compressions"),
            Insert(Models, "parent_id IS NOT NULL AND external_run_id IS NULL"),
            Insert(Edges, Child(FactKind.ModelVersion)),
            .. Publishes(nameof(ModelCompressed), nameof(CompressionCompleted), nameof(PipelineFailed)),
        ]),
        new("inference",
        [
            Insert("deployments"),
            Insert("rollout_observations"),
            Insert(Edges, Child(FactKind.Deployment)),
            .. Publishes(nameof(ModelDeployed), nameof(RolloutObserved)),
        ]),
        new("governance",
        [
            Insert("promotions"),
            Insert("rollouts"),
            Insert("rollout_steps"),
            Insert("pipeline_outcomes"),
            Insert("pipeline_retries"),
            Insert("external_runs"),
            Insert("reproduction_requests"),
            Insert("metric_points"),
            Insert(Models, "external_run_id IS NOT NULL"),
            Insert(Edges, Child(FactKind.Promotion, FactKind.Rollout, FactKind.ModelVersion, FactKind.ExternalRun)),
            Insert("dead_letters"),
            Update("dead_letters", "state"),
            Insert(Inbox, Among("consumer", "ConsiderPromotion", "JudgeRollout", "RecordOutcome")),
            Delete(Inbox),
            Update(Work, "state, attempt, failures, worker, lease_expires_at, due_at, error, finished_at"),
            // It sends any service's message again.
            Insert(Outbox),
            .. Dispatches,
        ]),
    ];

    /// <summary>What a training has told stays as it is once the training is a fact; what was done elsewhere is nobody's to take back.</summary>
    private const string UnfinishedTraining =
        "NOT EXISTS (SELECT 1 FROM training_runs run WHERE run.id = training_run_id) AND NOT EXISTS (SELECT 1 FROM folds fold WHERE fold.id = training_run_id) AND NOT EXISTS (SELECT 1 FROM trials trial WHERE trial.id = training_run_id) AND NOT EXISTS (SELECT 1 FROM external_runs run WHERE run.id = training_run_id)";

    /// <summary>Any service's dispatcher carries any event from the outbox to the bus, but none can change what it says.</summary>
    private static TableRight[] Dispatches => [Update(Outbox, "due_at, attempts"), Delete(Outbox)];

    private static TableRight[] Publishes(params string[] events) => [Insert(Outbox, Among("type", events)), .. Dispatches];

    private static TableRight[] Works(string[] kinds, string[] consumers) =>
    [
        Insert(Inbox, Among("consumer", consumers)),
        Insert(Work, Among("kind", kinds)),
        Update(Work, "state, attempt, failures, worker, checkpoint, progress, lease_expires_at, due_at, error, started_at, finished_at", Among("kind", kinds)),
    ];

    private static string Child(params FactKind[] kinds) => Among("child_kind", kinds.Select(kind => $"{kind}"));
}
