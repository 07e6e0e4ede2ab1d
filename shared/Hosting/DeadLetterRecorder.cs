using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>Says that this process empties the error queues into the registry.</summary>
internal sealed record DeadLetterRecording;

/// <summary>
/// Takes messages from the error queues into the registry, where a person finds them with their reason and can have them
/// sent again. A message leaves its queue only once it is recorded.
/// </summary>
internal sealed partial class DeadLetterRecorder(DeadLetters letters, TimeProvider time, ILogger<DeadLetterRecorder> logger) : IFilter<ReceiveContext>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public void Probe(ProbeContext context) => context.CreateFilterScope("dead-letters");

    /// <summary>Nothing comes after it: the message is not for a consumer.</summary>
    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var failed = Read(context);
        while (true)
        {
            try
            {
                await letters.RecordAsync(failed, context.CancellationToken);
                return;
            }
            catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
            {
                // Thrown on, it would come back at once, and be dropped after some deliveries.
                LogNotRecorded(failed.Queue, exception);
                await Task.Delay(Pause, time, context.CancellationToken);
            }
        }
    }

    private static FailedMessage Read(ReceiveContext context)
    {
        var headers = context.TransportHeaders;
        var queue = context.InputAddress.AbsolutePath.Split('/')[^1];
        return new FailedMessage(
            queue.EndsWith("_error", StringComparison.Ordinal) ? queue[..^"_error".Length] : queue,
            Text(headers, MessageHeaders.FaultTimestamp) ?? "",
            Text(headers, MessageHeaders.FaultMessage) ?? Undelivered(headers),
            Text(headers, MessageHeaders.FaultStackTrace) ?? "",
            context.ContentType?.ToString() ?? "",
            context.Body.GetBytes());
    }

    private static string Undelivered(Headers headers) => Text(headers, "x-first-death-reason") is { } reason
        ? $"the broker gave it up: {reason}"
        : "no reason was given";

    private static string? Text(Headers headers, string name) => headers.TryGetHeader(name, out var value) ? value.ToString() : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "a message of {Queue} that could not be handled is not recorded yet; trying again")]
    private partial void LogNotRecorded(string queue, Exception exception);
}

/// <summary>Registers the recording of failed messages.</summary>
public static class DeadLetterRecordings
{
    /// <summary>Has this process empty all error queues into the registry.</summary>
    public static IServiceCollection AddDeadLetterRecorder(this IServiceCollection services) =>
        services.AddSingleton<DeadLetterRecorder>().AddSingleton(new DeadLetterRecording());
}
