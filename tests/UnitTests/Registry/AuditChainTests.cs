using Mlops.Registry.Audit;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Registry;

/// <summary>Against tests/oracles/audit_chain.py: an outsider without our code must come to the same hashes.</summary>
public sealed class AuditChainTests
{
    private static readonly Guid Subject = Guid.Parse("01890000-0000-7000-8000-000000000001");

    [Fact]
    public void HashOf_TwoEntries_IsWhatAnotherImplementationComputes()
    {
        var first = AuditChain.HashOf(Entry(1, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(6),
            "datasets", "dataset.registered", """{"name":"iris","rows":150}""", AuditChain.Genesis));
        first.ShouldBe("f9da35e1b67ff22f6ab12496e2f2d0a84e319da67f3221a5e270a3620a7fb7ee");

        var second = AuditChain.HashOf(Entry(2, new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero),
            "Zoë <zoe@example.org>", "model.promoted", """{"reason":"better \"F1\" by 1 %"}""", first));
        second.ShouldBe("a40186b2080faf906411871d655eb20b0c7ef0e0ff665abf474a07b55f931686");
    }

    private static AuditEntry Entry(long sequence, DateTimeOffset at, string actor, string action, string data, string previous) => new()
    {
        Sequence = sequence,
        At = at,
        Actor = actor,
        Action = action,
        SubjectId = Subject,
        Data = data,
        PreviousHash = previous,
    };
}
