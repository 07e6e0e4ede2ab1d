using Mlops.Compressor;
using Mlops.Evaluator;
using Mlops.Governance;
using Mlops.Hosting;
using Mlops.Inference;
using Mlops.Registry.Durability;
using Mlops.Trainer;
using Mlops.UnitTests.Training;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>
/// Whoever handles a message or does work may be killed at any step of it: what is left after the next life is what an
/// undisturbed one leaves, nothing lost and nothing twice.
/// </summary>
[Collection(TrainingCollection.Name)]
public sealed class CrashPointTests(PipelineRecording recording, ITestOutputHelper output) : IClassFixture<PipelineRecording>
{
    /// <summary>Everything in the services that handles events or does work, and what carries their messages.</summary>
    public static TheoryData<string> Handlers()
    {
        Type[] services = [typeof(TrainerService), typeof(EvaluatorService), typeof(CompressorService), typeof(GovernanceService), typeof(InferenceService)];
        var types = services.SelectMany(service => service.Assembly.GetTypes()).Where(type => type is { IsAbstract: false }).ToList();
        return
        [
            .. types.Where(type => type.IsAssignableTo(typeof(IWorkHandler))).Select(type => type.Name),
            .. types.SelectMany(type => PipelineRecording.EventsOf(type).Select(contract => PipelineRecording.NameOf(type, contract))),
            nameof(Outbox),
            nameof(DeadLetters),
        ];
    }

    [Theory]
    [MemberData(nameof(Handlers))]
    public async Task Killed_AtAnyStep_LosesNothingAndDoesNothingTwice(string handler)
    {
        var deliveries = recording.Deliveries.Where(delivery => delivery.Handler == handler).ToList();
        deliveries.ShouldNotBeEmpty($"no recorded run has anything for {handler}");
        foreach (var delivery in deliveries)
        {
            var proof = await CrashProof.OfAsync(delivery);
            output.WriteLine($"{handler}: killed at {proof.Points} steps");
            proof.Points.ShouldBeGreaterThan(2);
            proof.Violations.ShouldBeEmpty();
        }
    }
}
