using System.ComponentModel;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Governance;

/// <summary>Messages that consumers could not handle.</summary>
/// <param name="DeadLetters">Newest first.</param>
/// <param name="Next">What to give as <c>before</c> for the next page; absent on the last.</param>
public sealed record DeadLetterList(IReadOnlyList<DeadLetterSummary> DeadLetters, Guid? Next);

/// <summary>A message that a consumer could not handle.</summary>
/// <param name="Id">Its id here.</param>
/// <param name="Queue">The queue that it was consumed from.</param>
/// <param name="MessageId">Its id on the bus.</param>
/// <param name="Type">The event's name; empty where it could not be read.</param>
/// <param name="PipelineRunId">The run that it speaks of.</param>
/// <param name="Reason">Why it could not be handled.</param>
/// <param name="State">Whether it waits, was sent again, or is not needed.</param>
/// <param name="CreatedAt">UTC; when it was recorded.</param>
public sealed record DeadLetterSummary(
    Guid Id, string Queue, Guid MessageId, string Type, Guid? PipelineRunId, string Reason, DeadLetterState State, DateTimeOffset CreatedAt);

/// <summary>All of a message that a consumer could not handle.</summary>
/// <param name="Summary">In short.</param>
/// <param name="Detail">Where it failed, as a stack trace.</param>
/// <param name="ContentType">How the body is to be read.</param>
/// <param name="Body">The message as it was on the wire, as text.</param>
public sealed record DeadLetterDetail(DeadLetterSummary Summary, string Detail, string ContentType, string Body);

/// <summary>Lists messages that could not be handled, and lets a person decide about each.</summary>
internal static class DeadLetterApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var letters = app.MapGroup("/dead-letters").WithTags("Dead letters");
        letters.MapGet("", (
                RegistryStore registry,
                [Description("Only those in this state: waiting, redriven or discarded.")] string? state,
                [Description("Only those older than the one with this id.")] string? before,
                [Description(RequestValues.LimitRule)] string? limit,
                CancellationToken cancellationToken) =>
                registry.ReadAsync((db, token) => ListAsync(db, state, before, limit, token), cancellationToken))
            .WithName("ListDeadLetters").WithSummary("Lists messages that could not be handled, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        letters.MapGet("/{id}", (RegistryStore registry, string id, CancellationToken cancellationToken) =>
                registry.ReadAsync(async (db, token) => DetailOf(await FindAsync(db, id, token)), cancellationToken))
            .WithName("ShowDeadLetter").WithSummary("Shows a message that could not be handled, with its body and where it failed")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        MapDecision(letters, "redrive", "Sends a message to its queue again, on a named person's decision", RedriveAsync);
        MapDecision(letters, "discard", "Notes that a message is not needed, on a named person's decision", (db, _, letter, decision, _) =>
        {
            DeadLetters.Discard(db, letter, decision.Actor!, decision.Reason!);
            return Task.CompletedTask;
        });
    }

    private static void MapDecision(
        RouteGroupBuilder letters, string verb, string summary, Func<RegistryDbContext, DeadLetters, DeadLetter, Decision, CancellationToken, Task> decide) =>
        letters.MapPost($"/{{id}}/{verb}", async (RegistryStore registry, DeadLetters kept, HttpRequest body, string id, CancellationToken cancellationToken) =>
            {
                var decision = await Decision.ReadAsync(body, cancellationToken);
                return await registry.WriteAsync(async (db, token) =>
                {
                    var letter = await FindAsync(db, id, token);
                    if (letter.State != DeadLetterState.Waiting)
                        throw new Fault(FaultKind.Conflict, "id", $"message {letter.Id} was {letter.State.ToString().ToLowerInvariant()} already; only one that waits can be decided about");
                    await decide(db, kept, letter, decision, token);
                    return SummaryOf(letter);
                }, cancellationToken);
            })
            .WithName($"{char.ToUpperInvariant(verb[0])}{verb[1..]}DeadLetter").WithSummary(summary).Accepts<Decision>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task RedriveAsync(RegistryDbContext db, DeadLetters kept, DeadLetter letter, Decision decision, CancellationToken cancellationToken)
    {
        // Its run would go on, and still be said to have failed.
        if (letter.PipelineRunId is { } run && await Outcomes.Of(db).AnyAsync(outcome => outcome.PipelineRunId == run && !outcome.Served, cancellationToken))
            throw new Fault(FaultKind.Conflict, "id", $"message {letter.Id} belongs to run {run}, which has ended; retry the run, and the message is sent again with it");
        kept.Redrive(db, letter, decision.Actor!, decision.Reason!);
    }

    private static async Task<DeadLetterList> ListAsync(RegistryDbContext db, string? state, string? before, string? limit, CancellationToken cancellationToken)
    {
        var count = RequestValues.Limit(limit);
        IQueryable<DeadLetter> letters = db.DeadLetters;
        if (RequestValues.OptionalChoice<DeadLetterState>("state", state) is { } wanted)
            letters = letters.Where(letter => letter.State == wanted);
        if (RequestValues.OptionalId("before", before) is { } newer)
            letters = letters.Where(letter => letter.Id.CompareTo(newer) < 0);
        var found = await letters.OrderByDescending(letter => letter.Id).Take(count + 1)
            .Select(letter => new DeadLetterSummary(
                letter.Id, letter.Queue, letter.MessageId, letter.Type, letter.PipelineRunId, letter.Reason, letter.State, letter.CreatedAt))
            .ToListAsync(cancellationToken);
        return new DeadLetterList([.. found.Take(count)], found.Count > count ? found[count - 1].Id : null);
    }

    private static async Task<DeadLetter> FindAsync(RegistryDbContext db, string id, CancellationToken cancellationToken)
    {
        var letterId = RequestValues.Id("id", id);
        return await db.DeadLetters.SingleOrDefaultAsync(letter => letter.Id == letterId, cancellationToken)
            ?? throw Fault.NotFound("id", $"there is no dead letter {letterId}");
    }

    private static DeadLetterSummary SummaryOf(DeadLetter letter) =>
        new(letter.Id, letter.Queue, letter.MessageId, letter.Type, letter.PipelineRunId, letter.Reason, letter.State, letter.CreatedAt);

    private static DeadLetterDetail DetailOf(DeadLetter letter) =>
        new(SummaryOf(letter), letter.Detail, letter.ContentType, Encoding.UTF8.GetString(letter.Body));
}
