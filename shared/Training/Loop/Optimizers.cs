using Mlops.Contracts.Spec;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

internal static class Optimizers
{
    public static optim.Optimizer Create(OptimizerSpec spec, IReadOnlyList<Parameter> parameters) => spec switch
    {
        SgdSpec sgd => optim.SGD(parameters, sgd.LearningRate, momentum: sgd.Momentum, weight_decay: sgd.WeightDecay, nesterov: sgd.Nesterov),
        AdamSpec adam => optim.Adam(parameters, adam.LearningRate, adam.Beta1, adam.Beta2, adam.Epsilon, adam.WeightDecay),
        AdamWSpec adam => optim.AdamW(parameters, adam.LearningRate, adam.Beta1, adam.Beta2, adam.Epsilon, adam.WeightDecay),
        _ => throw new InvalidOperationException($"unknown optimizer {spec.GetType().Name}"),
    };
}
