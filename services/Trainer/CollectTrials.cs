using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Trainer;

/// <summary>
/// A trial has ended: when the registry has all of its round, the next round is queued, and after the last one what follows the
/// search. Whoever sees the last ones first queues it; work that is there already is not added again.
/// </summary>
internal sealed class CollectTrials(RegistryStore registry, WorkQueue work) : IConsumer<TrialCompleted>
{
    public Task Consume(ConsumeContext<TrialCompleted> context) => registry.HandleOnceAsync(this, context, async (db, token) =>
    {
        var run = await db.PipelineRuns.AsNoTracking().SingleAsync(run => run.Id == context.Message.PipelineRunId, token);
        var spec = PipelineSpec.Parse(run.Spec, run.Name);
        var search = spec.Search!;
        var trials = await TrialWork.DoneOf(db, run.Id).AsNoTracking().ToListAsync(token);
        if (trials.Count < search.Total)
        {
            if (trials.Count % search.RoundSize == 0)
                await TrainingWork.EnqueueRoundAsync(db, work, run.Id, spec, search, trials.Count / search.RoundSize, token);
        }
        // Where nothing could be trained, it is the model's training that tells so.
        else if (TrialWork.WinnerOf(search, trials) is null)
            await TrainingWork.EnqueueModelAsync(db, work, run.Id, spec, token);
        else
            await TrainingWork.EnqueueAfterSearchAsync(db, work, run.Id, spec, token);
    });
}
