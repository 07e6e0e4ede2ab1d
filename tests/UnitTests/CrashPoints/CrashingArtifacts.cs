using Mlops.Artifacts;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>Makes what is done to the artifact store steps: before it, within a file that is being written, and after it.</summary>
internal sealed class CrashingArtifacts(IArtifactStore store, CrashPlan plan) : IArtifactStore
{
    public async Task<StoredArtifact> PutAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        plan.Step("before an artifact is put");
        var stored = await store.PutAsync(async (content, token) =>
        {
            await write(content, token);
            plan.Step("with an artifact written and not yet stored");
        }, cancellationToken);
        plan.Step("after an artifact is put");
        return stored;
    }

    public Task<Stream> OpenAsync(ContentDigest digest, CancellationToken cancellationToken)
    {
        plan.Step("before an artifact is opened");
        return store.OpenAsync(digest, cancellationToken);
    }

    public async Task DeleteAsync(ContentDigest digest, CancellationToken cancellationToken)
    {
        plan.Step("before an artifact is removed");
        await store.DeleteAsync(digest, cancellationToken);
        plan.Step("after an artifact is removed");
    }

    public Task<bool> ExistsAsync(ContentDigest digest, CancellationToken cancellationToken)
    {
        plan.Step("before an artifact is looked for");
        return store.ExistsAsync(digest, cancellationToken);
    }
}
