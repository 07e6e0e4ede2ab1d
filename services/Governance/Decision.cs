using System.Text.Json;
using Mlops.Contracts;

namespace Mlops.Governance;

/// <summary>A person's decision: who, and why. Both stand in the audit log.</summary>
/// <param name="Actor">Who decides: 1 to 128 characters.</param>
/// <param name="Reason">Why: 1 to 2000 characters.</param>
public sealed record Decision(string? Actor, string? Reason)
{
    private const int MaxActor = 128;
    private const int MaxReason = 2_000;

    /// <summary>The decision in a request's body, trimmed, or a fault with everything that is wrong.</summary>
    internal static async Task<Decision> ReadAsync(HttpRequest body, CancellationToken cancellationToken)
    {
        if (!body.HasJsonContentType())
            throw Fault.Invalid("Content-Type", $"'{body.ContentType}' is not accepted; application/json is");
        try
        {
            return Require(await body.ReadFromJsonAsync<Decision>(cancellationToken) ?? new Decision(null, null));
        }
        catch (JsonException exception)
        {
            throw Fault.Invalid(exception.Path?.TrimStart('$', '.') ?? "", """not accepted; a JSON object such as {"actor": "…", "reason": "…"} is""");
        }
    }

    /// <inheritdoc cref="ReadAsync"/>
    internal static Decision Require(Decision decision)
    {
        var trimmed = new Decision(decision.Actor?.Trim(), decision.Reason?.Trim());
        var problems = new List<Problem>();
        Check("actor", trimmed.Actor, MaxActor, "who decides this", problems);
        Check("reason", trimmed.Reason, MaxReason, "why", problems);
        return problems.Count == 0 ? trimmed : throw new Fault(FaultKind.Invalid, problems);
    }

    private static void Check(string field, string? value, int max, string meaning, List<Problem> problems)
    {
        if (string.IsNullOrEmpty(value))
            problems.Add(new Problem(field, $"missing; {meaning}, in 1 to {max} characters, is accepted"));
        else if (value.Length > max)
            problems.Add(new Problem(field, $"{value.Length} characters are not accepted; 1 to {max} are"));
        else if (value.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t')))
            problems.Add(new Problem(field, "control characters are not accepted; printable text is"));
    }
}
