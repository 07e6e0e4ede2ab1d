namespace Mlops.Chaos.Plan;

/// <summary>Which faults come when: a function of the seed and the duration alone.</summary>
public static class FaultPlan
{
    /// <summary>Of each service.</summary>
    public const int Replicas = 2;

    private static readonly string[] Workers = ["Trainer", "Evaluator", "Compressor"];
    private static readonly TimeSpan FirstAt = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MeanGap = TimeSpan.FromSeconds(5.2);

    /// <summary>The services, in the order of the pipeline.</summary>
    public static IReadOnlyList<string> Services { get; } = ["Datasets", .. Workers, "Governance", "Inference"];

    /// <summary>How often each kind is chosen, how long it lasts, and how long its target then needs to be back.</summary>
    private static readonly Dictionary<FaultKind, Habit> Habits = new()
    {
        [FaultKind.KillService] = new(40, 0.2, 3, BackAfter: 3),
        [FaultKind.KillBroker] = new(7, 0.2, 3, BackAfter: 16),
        [FaultKind.KillDatabase] = new(11, 0.2, 3, BackAfter: 4),
        // A lease is 30 s.
        [FaultKind.PauseWorker] = new(8, 32, 40, BackAfter: 1),
        [FaultKind.CutBroker] = new(11, 0.1, 4, BackAfter: 2),
        [FaultKind.FillDisk] = new(8, 2, 8, BackAfter: 1),
        [FaultKind.RepeatEvents] = new(15, 0, 0, BackAfter: 0),
    };

    /// <summary>The faults in order of time. Each kind comes once before chance decides, if there is time for it.</summary>
    /// <param name="seed">Another seed is another plan.</param>
    /// <param name="duration">No fault begins or ends after it, but for what its target then needs to be back.</param>
    public static IReadOnlyList<PlannedFault> Make(int seed, TimeSpan duration)
    {
        var random = new Random(seed);
        var others = Enum.GetValues<FaultKind>().Where(kind => kind != FaultKind.PauseWorker).ToArray();
        random.Shuffle(others);
        var due = new List<FaultKind>(others.Prepend(FaultKind.PauseWorker));
        var backAt = new Dictionary<string, TimeSpan>();
        var plan = new List<PlannedFault>();
        for (var at = FirstAt; at < duration; at += MeanGap * (0.5 + random.NextDouble()))
        {
            // What has not come yet, else chance; if that does not fit now, a replica is killed, or nothing happens.
            FaultKind[] wishes = [.. due, Weighted(random), FaultKind.KillService];
            if (wishes.Select(kind => Choose(random, at, kind)).FirstOrDefault(Fits) is not { } fault)
                continue;
            due.Remove(fault.Kind);
            backAt[fault.Target] = at + fault.Lasts + TimeSpan.FromSeconds(Habits[fault.Kind].BackAfter);
            plan.Add(fault);
        }
        return plan;

        bool Fits(PlannedFault fault) => fault.At + fault.Lasts <= duration && backAt.GetValueOrDefault(fault.Target) <= fault.At;
    }

    private static PlannedFault Choose(Random random, TimeSpan at, FaultKind kind)
    {
        var habit = Habits[kind];
        var replica = kind switch
        {
            FaultKind.KillService => Replica(random, Services),
            // Trainings are the longest work, and so the likeliest to be hit.
            FaultKind.PauseWorker => Replica(random, ["Trainer", .. Workers]),
            _ => null,
        };
        var lasts = TimeSpan.FromSeconds(habit.Shortest + (random.NextDouble() * (habit.Longest - habit.Shortest)));
        return new PlannedFault(at, kind, replica, lasts, random.Next());
    }

    private static ReplicaName Replica(Random random, IReadOnlyList<string> services) =>
        new(services[random.Next(services.Count)], random.Next(Replicas) + 1);

    private static FaultKind Weighted(Random random)
    {
        var point = random.Next(Habits.Values.Sum(habit => habit.Weight));
        return Habits.First(habit => (point -= habit.Value.Weight) < 0).Key;
    }

    private sealed record Habit(int Weight, double Shortest, double Longest, double BackAfter);
}
