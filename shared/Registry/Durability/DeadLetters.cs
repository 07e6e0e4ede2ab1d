using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;

namespace Mlops.Registry.Durability;

/// <summary>What an error queue says of a message that a consumer could not handle.</summary>
/// <param name="Queue">The queue that it was consumed from.</param>
/// <param name="FailedAt">When the consumer gave up on it; tells failures of one message apart.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Detail">Where, as a stack trace; may be empty.</param>
/// <param name="ContentType">How the body is to be read.</param>
/// <param name="Body">The message as it was on the wire.</param>
public sealed record FailedMessage(string Queue, string FailedAt, string Reason, string Detail, string ContentType, byte[] Body);

/// <summary>Keeps messages that could not be handled, says so to the run they belong to, and sends them again.</summary>
public sealed class DeadLetters(RegistryStore registry)
{
    /// <summary>Records a failed message once, however often it is told, and fails its run.</summary>
    public Task RecordAsync(FailedMessage failed, CancellationToken cancellationToken) => registry.WriteAsync(async (db, token) =>
    {
        var envelope = Envelope.Read(failed.Body);
        if (await db.DeadLetters.AnyAsync(row => row.Queue == failed.Queue && row.MessageId == envelope.MessageId && row.FailedAt == failed.FailedAt, token))
            return;
        var letter = new DeadLetter
        {
            Id = registry.NewId(),
            Queue = failed.Queue,
            MessageId = envelope.MessageId,
            FailedAt = failed.FailedAt,
            Type = envelope.Type,
            PipelineRunId = await RunAsync(db, envelope, token),
            Reason = failed.Reason,
            Detail = failed.Detail,
            ContentType = failed.ContentType,
            Body = failed.Body,
            State = DeadLetterState.Waiting,
            CreatedAt = registry.Now(),
        };
        db.Insert(letter);
        db.Audit("governance", "message.not-handled", letter.Id, new { letter.Queue, letter.MessageId, letter.Type, letter.PipelineRunId, letter.Reason });
        // That a run has failed cannot be told by the message that just could not be handled.
        if (letter is { PipelineRunId: { } run, Type: not nameof(PipelineFailed) })
            db.Publish(new PipelineFailed
            {
                EventId = registry.NewId(),
                OccurredAt = letter.CreatedAt,
                PipelineRunId = run,
                Stage = letter.Queue,
                DeadLetterId = letter.Id,
                Kind = "NotHandled",
                Reason = $"{letter.Type} {letter.MessageId}: {letter.Reason}",
            });
    }, cancellationToken);

    /// <summary>Has a message sent to its queue again, once this transaction has ended.</summary>
    public void Redrive(RegistryDbContext db, DeadLetter letter, string actor, string reason)
    {
        db.Attach(letter).Entity.State = DeadLetterState.Redriven;
        db.Insert(new OutboxMessage
        {
            Id = registry.NewId(),
            Type = letter.Type,
            Body = "",
            PipelineRunId = letter.PipelineRunId,
            DeadLetterId = letter.Id,
            CreatedAt = registry.Now(),
            DueAt = registry.Now(),
        });
        db.HasPublished = true;
        db.Audit(actor, "message.redriven", letter.Id, new { letter.Queue, letter.MessageId, letter.Type, letter.PipelineRunId, reason });
    }

    /// <summary>Notes that a message is not needed.</summary>
    public static void Discard(RegistryDbContext db, DeadLetter letter, string actor, string reason)
    {
        db.Attach(letter).Entity.State = DeadLetterState.Discarded;
        db.Audit(actor, "message.discarded", letter.Id, new { letter.Queue, letter.MessageId, letter.Type, letter.PipelineRunId, reason });
    }

    private static async Task<Guid?> RunAsync(RegistryDbContext db, Envelope envelope, CancellationToken cancellationToken) =>
        envelope.PipelineRunId is { } run && await db.PipelineRuns.AnyAsync(row => row.Id == run, cancellationToken) ? run : null;

    /// <summary>What can be read of a message that may be anything.</summary>
    private sealed record Envelope(Guid MessageId, string Type, Guid? PipelineRunId)
    {
        private static readonly Envelope Unread = new(Guid.Empty, "", null);

        public static Envelope Read(byte[] body)
        {
            try
            {
                using var json = JsonDocument.Parse(Encoding.UTF8.GetString(body));
                return json.RootElement.ValueKind == JsonValueKind.Object
                    ? new Envelope(Id(json.RootElement, "messageId") ?? Guid.Empty, TypeOf(json.RootElement), RunOf(json.RootElement))
                    : Unread;
            }
            catch (JsonException)
            {
                return Unread;
            }
        }

        private static string TypeOf(JsonElement envelope) =>
            envelope.TryGetProperty("messageType", out var types) && types.ValueKind == JsonValueKind.Array && types.GetArrayLength() > 0
                ? types[0].ToString().Split(':')[^1]
                : "";

        private static Guid? RunOf(JsonElement envelope) =>
            envelope.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.Object ? Id(message, "pipelineRunId") : null;

        private static Guid? Id(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) ? id : null;
    }
}
