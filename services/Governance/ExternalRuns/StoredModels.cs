using Microsoft.Extensions.Caching.Memory;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Governance.ModelCheck;
using Mlops.Onnx;

namespace Mlops.Governance.ExternalRuns;

/// <summary>A stored ONNX file.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Graph">What its graph takes and gives.</param>
internal sealed record StoredModel(long Bytes, GraphSignature Graph);

/// <summary>Stored ONNX files, each of which is read, verified and checked once: what is stored under a digest never changes.</summary>
internal sealed class StoredModels(IArtifactStore artifacts, ModelSandbox sandbox) : IDisposable
{
    private readonly MemoryCache _read = new(new MemoryCacheOptions { SizeLimit = 1_000 });

    /// <returns>Null when nothing is stored under the digest.</returns>
    /// <exception cref="Fault">It is no model that is accepted, or not what its digest says.</exception>
    public async Task<StoredModel?> FindAsync(ContentDigest digest, CancellationToken cancellationToken)
    {
        if (!await artifacts.ExistsAsync(digest, cancellationToken))
            return null;
        return await _read.GetOrCreateAsync(digest, async entry =>
        {
            entry.Size = 1;
            var file = await artifacts.ReadAsync(digest, cancellationToken);
            return new StoredModel(file.LongLength, await sandbox.CheckAsync(file, cancellationToken));
        });
    }

    public void Dispose() => _read.Dispose();
}
