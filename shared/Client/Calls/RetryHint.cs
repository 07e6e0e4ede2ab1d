using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using RetryInfo = Mlops.Protos.Rpc.RetryInfo;
using RpcStatus = Mlops.Protos.Rpc.Status;

namespace Mlops.Client.Calls;

/// <summary>What a server says, in the trailers of a failure, about trying again.</summary>
/// <param name="After">Not before this; null where it does not say.</param>
/// <param name="Never">It asks not to be tried again.</param>
internal readonly record struct RetryHint(TimeSpan? After, bool Never)
{
    private const string Pushback = "grpc-retry-pushback-ms";
    private const string RetryAfter = "retry-after-ms";
    private const string Details = "grpc-status-details-bin";

    // Far more than any deadline allows; a larger number would not fit a TimeSpan.
    private const long Longest = 1_000_000_000;

    public static RetryHint In(Metadata trailers)
    {
        // By gRPC's own rule, a pushback that is negative or no number forbids another attempt.
        if (trailers.GetValue(Pushback) is { } pushback)
            return Milliseconds(pushback) is { } after ? new RetryHint(after, false) : new RetryHint(null, true);
        return new RetryHint(Milliseconds(trailers.GetValue(RetryAfter)) ?? RetryInfoIn(trailers.GetValueBytes(Details)), false);
    }

    private static TimeSpan? Milliseconds(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= Longest ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private static TimeSpan? RetryInfoIn(byte[]? details)
    {
        if (details is null)
            return null;
        try
        {
            var info = RpcStatus.Parser.ParseFrom(details).Details.FirstOrDefault(detail => detail.Is(RetryInfo.Descriptor))?.Unpack<RetryInfo>();
            return info?.RetryDelay is { Seconds: >= 0 and <= Longest / 1000, Nanos: >= 0 } delay ? delay.ToTimeSpan() : null;
        }
        catch (Exception unreadable) when (unreadable is InvalidProtocolBufferException or InvalidOperationException)
        {
            // A hint that cannot be read is none; the failure itself is told all the same.
            return null;
        }
    }
}
