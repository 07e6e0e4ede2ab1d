using Mlops.Artifacts;

namespace Mlops.Chaos.Checks;

/// <summary>What must hold once everything has come to rest, whatever happened before.</summary>
public static class RegistryChecks
{
    /// <param name="facts">The registry.</param>
    /// <param name="artifacts">The bytes that it refers to.</param>
    /// <param name="accepted">Runs that a caller was told of.</param>
    /// <param name="cancellationToken">Ends the reading of artifacts.</param>
    /// <returns>Everything that does not hold; empty when all is well.</returns>
    public static async Task<IReadOnlyList<Violation>> RunAsync(
        RegistryFacts facts, IArtifactStore artifacts, IEnumerable<Guid> accepted, CancellationToken cancellationToken) =>
    [
        .. ResultCheck.Of(facts, accepted),
        .. await ArtifactCheck.OfAsync(facts, artifacts, cancellationToken),
        .. AuditCheck.Of(facts),
        .. RestCheck.Of(facts),
    ];
}
