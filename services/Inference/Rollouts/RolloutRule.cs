using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Mlops.Contracts.Rollouts;

namespace Mlops.Inference.Rollouts;

/// <summary>A version that is tried on the requests of its model.</summary>
/// <param name="Id">The rollout's id.</param>
/// <param name="Candidate">The version.</param>
/// <param name="Mode">How.</param>
/// <param name="Weight">Share of the requests that it is given, 0 to 1.</param>
public sealed record RolloutRule(Guid Id, ServedVersion Candidate, RolloutMode Mode, double Weight)
{
    /// <summary>The golden ratio, whose multiples spread evenly between whole numbers (Weyl's sequence).</summary>
    private const double Golden = 0.618033988749894848;

    /// <summary>
    /// Whether a request is one of the candidate's. Requests of one key go the same way on every replica, and those that the candidate
    /// has stay with it when its share grows. Of those without a key it takes its share evenly.
    /// </summary>
    /// <param name="key">The caller's routing key; empty for none.</param>
    /// <param name="number">1, 2, 3 … among the requests without one.</param>
    public bool Takes(string key, long number) => (key.Length > 0 ? Place(key) : number * Golden % 1) < Weight;

    /// <summary>Where a key stands between 0 and 1; in every rollout elsewhere, so that not always the same callers try what is new.</summary>
    private double Place(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Id}/{key}"), hash);
        return (BinaryPrimitives.ReadUInt64BigEndian(hash) >> 11) * (1.0 / (1UL << 53));
    }
}
