using Mlops.Contracts;
using Mlops.Training.Gradients;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>The loss of a batch and the gradients of all weights.</summary>
internal sealed class Objective(BatchGradients gradients, GradientShaping shaping)
{
    /// <summary>Computes the gradients, as the optimiser takes them.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="diverged">Makes the fault of a loss that is no finite number, while the gradients are still those of the step before; null where that is no fault. Only looked at on the CPU.</param>
    /// <returns>The loss without penalties, FP32 or FP64; it belongs to the caller's scope.</returns>
    public Tensor Evaluate(Samples batch, Func<double, Fault>? diverged)
    {
        using var scope = NewDisposeScope();
        var value = gradients.Forward(batch);
        if (diverged is not null)
            RequireFinite(value, diverged);
        gradients.Backward();
        shaping.ShapeGradients();
        return value.MoveToOuterDisposeScope();
    }

    /// <summary>A loss that was computed, with its penalties.</summary>
    public double WithPenalties(Tensor value) => value.ToNumber() + shaping.Penalty();

    // Elsewhere a look at each loss would wait for the device each time.
    private static void RequireFinite(Tensor value, Func<double, Fault> diverged)
    {
        if (value.device_type == DeviceType.CPU && value.ToNumber() is var number && !float.IsFinite((float)number))
            throw diverged(number);
    }
}
