using System.Diagnostics;
using Mlops.Contracts.Rollouts;

namespace Mlops.Inference.Rollouts;

/// <summary>A rollout on this replica: who is asked, and what is seen of both versions.</summary>
internal sealed class Trial(RolloutRule rule, KnownVersion candidate, TrialCounts counts, InferenceOptions options)
{
    /// <summary>Copies that may be under way at once, and how large one may be: a shadow must not slow down what it follows.</summary>
    private const int MostCopies = 16, LargestCopy = 1 << 20;

    /// <summary>The rollout.</summary>
    public RolloutRule Rule => rule;

    /// <summary>What was seen of it; the same whatever its share becomes.</summary>
    public TrialCounts Counts => counts;

    /// <summary>The candidate, for a request that it is to answer.</summary>
    public KnownVersion? Choose(string key) => rule.Mode == RolloutMode.Canary && Takes(key) ? candidate : null;

    /// <summary>A request of this model was answered.</summary>
    public void Answered(ServedVersion by, InferenceRequest request, TimeSpan latency, OutputTensor[] outputs)
    {
        if (rule.Mode == RolloutMode.Canary)
            SideOf(by).Answered(latency, outputs);
        else if (Takes(request.Parameters.RoutingKey))
            Follow(request, latency, outputs);
    }

    /// <summary>A request of this model was not answered.</summary>
    public void Failed(ServedVersion by)
    {
        if (rule.Mode == RolloutMode.Canary)
            SideOf(by).Failed();
    }

    private bool Takes(string key) => rule.Takes(key, key.Length > 0 ? 0 : counts.Next());

    private AnswerCounts SideOf(ServedVersion version) => ReferenceEquals(version, candidate.Version) ? counts.Candidate : counts.Champion;

    private void Follow(InferenceRequest request, TimeSpan latency, OutputTensor[] outputs)
    {
        if (request.Inputs.Sum(input => (long)input.Contents.Length) > LargestCopy || outputs.Sum(output => (long)output.Contents.Length) > LargestCopy)
            return;
        if (!counts.TryBegin(MostCopies))
            return;
        if (candidate.TryTake() is not { } handle)
        {
            counts.End();
            return;
        }

        counts.Champion.Answered(latency, outputs);
        // The request's memory, and the answer's, go back before the copy has run.
        InputTensor[] inputs = [.. request.Inputs.Select(input => input with { Contents = input.Contents.ToArray() })];
        OutputTensor[] expected = [.. outputs.Select(output => output with { Contents = output.Contents.ToArray() })];
        var copy = new InferenceRequest { Model = request.Model, Inputs = inputs, Outputs = request.Outputs };
        _ = Task.Run(() => FollowAsync(handle, copy, expected));
    }

    private async Task FollowAsync(ModelHandle handle, InferenceRequest copy, OutputTensor[] expected)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            using var held = handle;
            var accepted = RequestCheck.Check(copy, held.Model, options);
            using var answer = accepted.IsEmpty
                ? new ModelAnswer(EmptyBatch.Answer(accepted.Outputs, held.Model), null)
                : await held.Served.Batcher.RunAsync(accepted, default, CancellationToken.None);
            counts.Candidate.Answered(Stopwatch.GetElapsedTime(begun), answer.Outputs);
            counts.Compared(AnswerComparison.Differ(expected, answer.Outputs));
        }
        catch (Exception)
        {
            // Whatever it was, no caller has it; that there was no answer is what the rollout is there to find.
            counts.Candidate.Failed();
        }
        finally
        {
            counts.End();
        }
    }
}
