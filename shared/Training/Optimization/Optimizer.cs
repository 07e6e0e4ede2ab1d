using Mlops.Contracts.Spec;
using Mlops.Training.Optimization.Rules;
using static TorchSharp.torch;

namespace Mlops.Training.Optimization;

/// <summary>Steps weights by their gradients. It must not outlive the weights.</summary>
internal abstract class Optimizer : IDisposable
{
    /// <summary>Steps that were made; set to go on where another one stopped.</summary>
    public long Steps { get; set; }

    /// <summary>Whether further steps would change nothing that counts.</summary>
    public virtual bool HasConverged => false;

    /// <summary>All that it remembers from step to step, beside their number.</summary>
    public abstract IEnumerable<(string Name, Tensor Values)> Memory { get; }

    /// <summary>Makes a step.</summary>
    /// <param name="rate">The learning rate of this step.</param>
    /// <param name="loss">The loss with its penalties at the weights, whose gradients are there.</param>
    /// <param name="evaluate">Computes gradients and loss again, at weights that were changed.</param>
    public abstract void Step(double rate, Func<double> loss, Func<double> evaluate);

    public abstract void Dispose();

    public static Optimizer Create(OptimizerSpec spec, FlatWeights weights) => spec switch
    {
        GradientDescentSpec descent => new FirstOrderOptimizer<GradientRule>(weights, (_, rate) => new(rate, descent.WeightDecay)),
        SgdSpec { Momentum: 0 } sgd => new FirstOrderOptimizer<GradientRule>(weights, (_, rate) => new(rate, sgd.WeightDecay)),
        SgdSpec sgd => new FirstOrderOptimizer<MomentumRule>(weights, (_, rate) => new(rate, sgd.WeightDecay, sgd.Momentum, sgd.Nesterov)),
        AdamSpec or AdamWSpec => new FirstOrderOptimizer<AdamRule>(weights, (step, rate) => new((MomentsSpec)spec, step, rate)),
        NAdamSpec adam => new FirstOrderOptimizer<NAdamRule>(weights, NAdam(adam)),
        RAdamSpec adam => new FirstOrderOptimizer<RAdamRule>(weights, (step, rate) => new(adam, step, rate)),
        RmsPropSpec prop => new FirstOrderOptimizer<RmsPropRule>(weights, (_, rate) => new(prop, rate)),
        AdagradSpec grad => new FirstOrderOptimizer<AdagradRule>(weights, (step, rate) => new(grad, step, rate), grad.InitialAccumulator),
        LbfgsSpec lbfgs => new Lbfgs(lbfgs, weights),
        _ => throw new InvalidOperationException($"unknown optimizer {spec.GetType().Name}"),
    };

    private static Func<long, double, NAdamRule> NAdam(NAdamSpec spec)
    {
        var (counted, product) = (0L, 1.0);
        return (step, rate) =>
        {
            // From 1 for one that goes on where another stopped: the same products in the same order.
            while (counted < step)
                product *= NAdamRule.MomentumAt(spec, ++counted);
            return new NAdamRule(spec, step, rate, product);
        };
    }
}
