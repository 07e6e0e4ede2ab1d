using Mlops.Registry.Durability;

namespace Mlops.Chaos.Checks;

/// <summary>Nothing is under way or stuck: no work, no event in the outbox, no dead letter, no message in any queue of the broker.</summary>
internal static class RestCheck
{
    public static IEnumerable<Violation> Of(RegistryFacts facts) =>
    [
        .. facts.Work.Where(item => item.State is WorkState.Queued or WorkState.Leased)
            .Select(item => new Violation(Breach.Wrong, $"{item.Kind} {item.Id} of run {item.PipelineRunId} is {item.State}, attempt {item.Attempt}, last by {item.Worker ?? "nobody"}: {item.Error ?? "no error"}")),
        .. facts.Outbox.Select(message => new Violation(Breach.Wrong, $"{message.Type} {message.Id} of run {message.PipelineRunId} waits in the outbox after {message.Attempts} attempts")),
        .. facts.DeadLetters.Select(letter => new Violation(Breach.Wrong, $"{letter.Type} {letter.MessageId} of run {letter.PipelineRunId} could not be handled by {letter.Queue}: {letter.Reason}")),
    ];

    public static IEnumerable<Violation> Of(IReadOnlyDictionary<string, long> queues) =>
        queues.Where(queue => queue.Value > 0).Select(queue => new Violation(Breach.Wrong, $"the queue {queue.Key} holds {queue.Value} messages"));
}
