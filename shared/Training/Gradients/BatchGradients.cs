using Mlops.Training.Loop;
using Mlops.Training.Losses;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Gradients;

/// <summary>How the loss of a batch and its gradients are computed.</summary>
internal abstract class BatchGradients
{
    /// <summary>The loss of a batch, FP32, or FP64 by which L-BFGS tells near losses apart; it belongs to the caller's scope.</summary>
    public abstract Tensor Forward(Samples batch);

    /// <summary>Writes the gradients of the loss that was computed last, in the same scope; before, those of the step before are there.</summary>
    public abstract void Backward();

    /// <summary>The fastest way there is.</summary>
    /// <param name="network">Whose weights they are.</param>
    /// <param name="loss">What is made small.</param>
    /// <param name="weights">The network's.</param>
    /// <param name="pass">What layers do besides.</param>
    /// <param name="batchSize">Rows at once; a batch may have one more.</param>
    public static BatchGradients Of(Network network, Loss loss, FlatWeights weights, TrainingPass pass, long batchSize) =>
        network.Stack is { } stack && weights.IsOnCpu && !pass.IsLowPrecision && StackGradients.Fits(stack, weights, batchSize)
        ? new StackGradients(stack, loss, weights, pass)
        : new AutogradGradients(network, loss, weights, pass);
}
