using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Training.Features;
using Mlops.Training.Gradients;
using Mlops.Training.Loop;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Mlops.Training.Losses;

/// <summary>What training makes small: a number from a network's output and the targets, as the spec's documentation defines it.</summary>
/// <param name="weights">Of classes; null where all count the same.</param>
internal abstract class Loss(Tensor? weights = null) : IDisposable
{
    protected Tensor? Weights => weights;

    /// <summary>The loss of rows.</summary>
    /// <param name="output">[N, outputs].</param>
    /// <param name="targets">Class codes [N], or values [N, targets].</param>
    public abstract Tensor Of(Tensor output, Tensor targets);

    /// <summary>The loss of rows on the CPU, and its derivative by each output: by libtorch, unless a loss knows better.</summary>
    /// <param name="output">[N, outputs].</param>
    /// <param name="targets">As above.</param>
    /// <param name="gradient">[N, outputs], is written.</param>
    public virtual double Differentiate(Matrix output, Tensor targets, Matrix gradient)
    {
        using var scope = NewDisposeScope();
        var values = empty(output.Rows, output.Columns);
        output.CopyTo(Matrix.Of(values));
        var loss = Of(values.requires_grad_(), targets);
        loss.backward();
        Matrix.Of(values.grad!).CopyTo(gradient);
        return loss.item<float>();
    }

    /// <summary>What rows count together in the mean that <see cref="Of"/> is: by it, the means of parts make that of the whole.</summary>
    public virtual Tensor CountOf(Tensor targets) => tensor((float)targets.shape[0], device: targets.device);

    public void Dispose() => weights?.Dispose();

    /// <summary>The loss of a spec.</summary>
    /// <param name="spec">The spec's.</param>
    /// <param name="target">How the training rows' target is encoded.</param>
    /// <param name="train">The training rows, by whose classes these are balanced.</param>
    /// <exception cref="Fault">The spec weights a class that there is not, or two classes are asked for and there are more.</exception>
    public static Loss Create(LossSpec spec, TargetEncoding target, SampleSource train) => spec switch
    {
        CrossEntropyLossSpec entropy => new CrossEntropy(entropy.LabelSmoothing, ClassWeights.Of(entropy.ClassWeights, (ClassEncoding)target, train)),
        FocalLossSpec focal => new Focal(focal.Gamma, ClassWeights.Of(focal.ClassWeights, (ClassEncoding)target, train)),
        BinaryLossSpec binary => Binary.Of(binary, (ClassEncoding)target, train.Device),
        MaeLossSpec => new OfErrors((output, targets) => l1_loss(output, targets)),
        HuberLossSpec huber => new OfErrors((output, targets) => Huber(output, targets, (float)huber.Delta)),
        QuantileLossSpec quantile => new OfErrors((output, targets) => Pinball(output, targets, (float)quantile.Quantile)),
        MseLossSpec => new SquaredError(),
        _ => throw new InvalidOperationException($"unknown loss {spec.GetType().Name}"),
    };

    private static Tensor Huber(Tensor output, Tensor targets, float delta) => huber_loss(output, targets, delta);

    private static Tensor Pinball(Tensor output, Tensor targets, float quantile)
    {
        var errors = targets - output;
        return (errors * quantile).maximum(errors * (quantile - 1)).mean();
    }

    private sealed class OfErrors(Func<Tensor, Tensor, Tensor> of) : Loss
    {
        public override Tensor Of(Tensor output, Tensor targets) => of(output, targets);
    }
}
