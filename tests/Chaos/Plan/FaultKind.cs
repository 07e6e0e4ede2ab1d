namespace Mlops.Chaos.Plan;

/// <summary>What is done to the platform.</summary>
public enum FaultKind
{
    /// <summary>kill -9 of a replica, which is started again a moment later.</summary>
    KillService,

    /// <summary>kill -9 of RabbitMQ.</summary>
    KillBroker,

    /// <summary>kill -9 of PostgreSQL.</summary>
    KillDatabase,

    /// <summary>A worker stands still (SIGSTOP) for longer than its lease, and then goes on as if nothing had been.</summary>
    PauseWorker,

    /// <summary>Every connection to RabbitMQ is cut, and none is let in for a moment.</summary>
    CutBroker,

    /// <summary>The artifact folder has no room left.</summary>
    FillDisk,

    /// <summary>Events are delivered once more, out of order.</summary>
    RepeatEvents,
}
