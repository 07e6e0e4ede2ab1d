using Mlops.Contracts;

namespace Mlops.Governance;

/// <summary>A person's decision: who, and why. Both stand in the audit log.</summary>
/// <param name="Actor">Who decides: 1 to 128 characters.</param>
/// <param name="Reason">Why: 1 to 2000 characters.</param>
public sealed record Decision(string? Actor, string? Reason)
{
    internal const int MaxActor = 128;
    private const int MaxReason = 2_000;

    /// <summary>The decision in a request's body, trimmed, or a fault with everything that is wrong.</summary>
    internal static async Task<Decision> ReadAsync(HttpRequest body, CancellationToken cancellationToken) => Require(
        await JsonBody.ReadAsync<Decision>(body, """a JSON object such as {"actor": "…", "reason": "…"}""", cancellationToken) ?? new Decision(null, null));

    /// <inheritdoc cref="ReadAsync"/>
    /// <param name="decision">As it came.</param>
    /// <param name="others">What is wrong with the rest of the request.</param>
    internal static Decision Require(Decision decision, IEnumerable<Problem>? others = null)
    {
        var trimmed = new Decision(decision.Actor?.Trim(), decision.Reason?.Trim());
        List<Problem> problems = [.. others ?? []];
        PlainText.Check("actor", trimmed.Actor, MaxActor, "who decides this", problems);
        PlainText.Check("reason", trimmed.Reason, MaxReason, "why", problems);
        return problems.Count == 0 ? trimmed : throw new Fault(FaultKind.Invalid, problems);
    }
}
