using Xunit;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>What came of killing a process at each of its steps.</summary>
/// <param name="Points">At how many steps it was killed.</param>
/// <param name="Violations">Each with the step, and what was lost or twice after the next life.</param>
internal sealed record CrashProof(int Points, IReadOnlyList<string> Violations)
{
    // The lease of work that a dead worker had has run out by then.
    private static readonly TimeSpan NextLife = TimeSpan.FromHours(1);

    /// <summary>
    /// Kills a process at each step of a delivery, lets another life go on from what it left, and compares with what an
    /// undisturbed process leaves.
    /// </summary>
    public static async Task<CrashProof> OfAsync(Delivery delivery)
    {
        var origin = await RegistrySnapshot.TakeAsync(delivery.Origin, TestContext.Current.CancellationToken);
        var expected = await InCopyAsync(delivery, folder => LiveAsync(delivery, folder, delivery.At, CrashPlan.Never, delivery.RunAsync));
        var violations = new List<string>(expected.Snapshot.Defects);
        for (var step = 0; ; step++)
        {
            var diedAt = await InCopyAsync(delivery, async folder =>
            {
                var plan = new CrashPlan(step);
                var first = await LiveAsync(delivery, folder, delivery.At, plan, delivery.RunAsync);
                if (plan.DiedAt is null)
                    return null;
                var second = await LiveAsync(delivery, folder, delivery.At + NextLife, CrashPlan.Never, delivery.RecoverAsync);
                var found = second.Snapshot.DifferencesFrom(origin, expected.Snapshot, delivery.MayRepeat)
                    .Concat(second.Snapshot.Defects)
                    .Concat(expected.Published.Except(first.Published.Concat(second.Published)).Select(id => $"event {id} was not published"));
                violations.AddRange(found.Select(violation => $"{delivery.Handler}, killed {plan.DiedAt} (step {step}): {violation}"));
                return plan.DiedAt;
            });
            if (diedAt is null)
                return new CrashProof(step, violations);
        }
    }

    /// <summary>A life of a process on a folder, and the state that it leaves.</summary>
    private static async Task<Left> LiveAsync(Delivery delivery, string folder, DateTimeOffset at, CrashPlan plan, Func<SimulatedProcess, Task> live)
    {
        List<Guid> published;
        await using (var process = SimulatedProcess.Start(folder, plan, at, delivery.Configure))
        {
            try
            {
                await live(process);
            }
            catch (Exception) when (plan.DiedAt is not null)
            {
                // What a library makes of the kill is as dead as the process.
            }
            published = [.. process.Published.Select(message => message.Id)];
        }
        return new Left(await RegistrySnapshot.TakeAsync(folder, TestContext.Current.CancellationToken), published);
    }

    private static async Task<T> InCopyAsync<T>(Delivery delivery, Func<string, Task<T>> use)
    {
        var copy = Directory.CreateTempSubdirectory("mlops-crash-").FullName;
        try
        {
            Folders.Copy(delivery.Origin, copy);
            return await use(copy);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private sealed record Left(RegistrySnapshot Snapshot, IReadOnlyList<Guid> Published);
}
