using System.Runtime.InteropServices;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Training.Features;
using Mlops.Training.Gradients;
using Mlops.Training.Loop;
using Mlops.Training.Networks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;
using Device = TorchSharp.torch.Device;

namespace Mlops.Training.Losses;

/// <summary>Cross-entropy of the softmax.</summary>
/// <param name="smoothing">The share that is spread over all classes.</param>
/// <param name="weights">Of the classes [classes]; null where all count the same.</param>
internal sealed class CrossEntropy(double smoothing, Tensor? weights) : Loss(weights)
{
    public override Tensor Of(Tensor output, Tensor targets) => cross_entropy(output, targets, weight: Weights, label_smoothing: smoothing);

    public override double Differentiate(Matrix output, Tensor targets, Matrix gradient)
    {
        var codes = MemoryMarshal.Cast<byte, long>(targets.bytes);
        float[] weights = Weights?.ToFloats() ?? [.. Enumerable.Repeat(1f, output.Columns)];
        float[] spread = [.. weights.Select(weight => (float)(weight * smoothing / weights.Length))];
        var count = 0.0;
        foreach (var code in codes)
            count += weights[code];
        var sum = 0.0;
        for (var row = 0; row < output.Rows; row++)
        {
            var share = (float)((1 - smoothing) * weights[codes[row]]);
            sum += Differentiate(output.Row(row), (int)codes[row], share, spread, (float)(1 / count), gradient.Row(row));
        }
        return sum / count;
    }

    // Each class's logarithm of its probability counts by how far it is wanted.
    private static double Differentiate(ReadOnlySpan<float> logits, int code, float share, ReadOnlySpan<float> spread, float scale, Span<float> gradient)
    {
        var largest = float.NegativeInfinity;
        foreach (var logit in logits)
            largest = MathF.Max(largest, logit);
        var (total, wantedOfAll) = (0f, share);
        for (var at = 0; at < logits.Length; at++)
        {
            gradient[at] = MathF.Exp(logits[at] - largest);
            total += gradient[at];
            wantedOfAll += spread[at];
        }
        var logTotal = MathF.Log(total);
        var loss = 0.0;
        for (var at = 0; at < logits.Length; at++)
        {
            var wanted = at == code ? share + spread[at] : spread[at];
            loss += wanted * (logTotal - (logits[at] - largest));
            gradient[at] = ((gradient[at] / total * wantedOfAll) - wanted) * scale;
        }
        return loss;
    }

    public override Tensor CountOf(Tensor targets) => Weights?.index_select(0, targets).sum() ?? base.CountOf(targets);
}

/// <summary>Focal loss over the softmax; with weights the mean is one of rows so weighted, as for cross-entropy.</summary>
internal sealed class Focal(double gamma, Tensor? weights) : Loss(weights)
{
    public override Tensor Of(Tensor output, Tensor targets)
    {
        var logs = output.log_softmax(1).gather(1, targets.unsqueeze(1)).squeeze(1);
        var losses = -(1 - logs.exp()).pow((float)gamma) * logs;
        if (Weights is null)
            return losses.mean();
        var counts = Weights.index_select(0, targets);
        return (losses * counts).sum() / counts.sum();
    }

    public override Tensor CountOf(Tensor targets) => Weights?.index_select(0, targets).sum() ?? base.CountOf(targets);
}

/// <summary>Cross-entropy of a sigmoid over the one output [N, 1].</summary>
internal sealed class Binary(Tensor positiveWeight) : Loss(positiveWeight)
{
    public static Binary Of(BinaryLossSpec spec, ClassEncoding target, Device device) => target.Width == 2
        ? new Binary(tensor((float)spec.PositiveWeight, device: device).DetachFromDisposeScope())
        : throw Fault.Invalid("loss.type", $"binary is not accepted for the {target.Width} classes of {target.Name}; two classes are, or cross-entropy");

    public override Tensor Of(Tensor output, Tensor targets) =>
        binary_cross_entropy_with_logits(output.squeeze(1), targets.to(output.dtype), pos_weights: Weights);
}

/// <summary>What a row of each class counts.</summary>
internal static class ClassWeights
{
    /// <returns>[classes] on the rows' device, which the caller disposes; null where all count the same.</returns>
    public static Tensor? Of(ClassWeightsSpec spec, ClassEncoding target, SampleSource train)
    {
        foreach (var name in spec.Of.Keys)
            if (!target.Classes.Contains(name))
                throw Fault.Invalid($"loss.classWeights.of.{name}", $"there is no such class; {string.Join(", ", target.Classes)} are accepted");
        using var scope = NewDisposeScope();
        // As scikit-learn's "balanced" counts.
        if (spec.Balanced)
            return (train.Count / (target.Width * train.CountClasses(target.Width).to(ScalarType.Float32))).MoveToOuterDisposeScope();
        return spec.Of.Count == 0 ? null : tensor(target.Classes.Select(name => (float)spec.Of.GetValueOrDefault(name, 1)).ToArray(), device: train.Device).MoveToOuterDisposeScope();
    }
}
