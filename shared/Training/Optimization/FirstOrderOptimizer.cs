using static TorchSharp.torch;

namespace Mlops.Training.Optimization;

/// <summary>Steps every weight by a rule: on the CPU in one pass over the memory, elsewhere with tensors.</summary>
/// <param name="weights">What is stepped.</param>
/// <param name="ruleAt">The rule of a step (1, 2, 3 …) at a learning rate.</param>
/// <param name="remembered">What the memories begin with.</param>
internal sealed class FirstOrderOptimizer<TRule>(FlatWeights weights, Func<long, double, TRule> ruleAt, double remembered = 0) : Optimizer
    where TRule : struct, IUpdateRule
{
    private readonly Tensor[] _memories =
        [.. Enumerable.Range(0, TRule.Memories).Select(_ => full_like(weights.Values, (float)remembered).DetachFromDisposeScope())];

    public override IEnumerable<(string Name, Tensor Values)> Memory => _memories.Select((memory, index) => ($"optimizer/{index}", memory));

    public override void Step(double rate, Func<double> loss, Func<double> evaluate)
    {
        var rule = ruleAt(++Steps, rate);
        if (weights.IsOnCpu)
            StepLanes(rule);
        else
            StepTensors(rule);
    }

    public override void Dispose()
    {
        foreach (var memory in _memories)
            memory.Dispose();
    }

    private void StepLanes(TRule rule)
    {
        var values = FlatWeights.LanesOf(weights.Values);
        var gradients = FlatWeights.LanesOf(weights.Gradients);
        var first = Remembered(0, values);
        var second = Remembered(1, values);
        var third = Remembered(2, values);
        for (var at = 0; at < values.Length; at++)
            values[at] = rule.Step(values[at], gradients[at], ref first[at], ref second[at], ref third[at]);
    }

    // A rule that remembers less never looks at the rest, which must only be there.
    private Span<Lanes> Remembered(int memory, Span<Lanes> otherwise) => memory < TRule.Memories ? FlatWeights.LanesOf(_memories[memory]) : otherwise;

    private void StepTensors(TRule rule)
    {
        using var scope = NewDisposeScope();
        var memories = new OnDevice[3];
        for (var index = 0; index < _memories.Length; index++)
            memories[index] = new OnDevice(_memories[index]);
        var stepped = rule.Step(new OnDevice(weights.Values), new OnDevice(weights.Gradients), ref memories[0], ref memories[1], ref memories[2]);
        weights.Values.copy_(stepped.Values);
        for (var index = 0; index < _memories.Length; index++)
            if (!ReferenceEquals(memories[index].Values, _memories[index]))
                _memories[index].copy_(memories[index].Values);
    }
}
