using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>
/// What an optimiser remembers from step to step, in TorchSharp's own state objects: its <c>save_state_dict</c> knows only CPU
/// tensors and a format of its own.
/// </summary>
internal static class OptimizerMemory
{
    /// <summary>The running means or momenta, by name, parameter by parameter. SGD has none before its first step.</summary>
    public static IEnumerable<(string Name, Tensor Values)> Tensors(optim.Optimizer optimizer)
    {
        foreach (var (index, state) in StatesOf(optimizer).Index())
            switch (state)
            {
                case SGD.State { momentum_buffer: { } momentum }:
                    yield return ($"optimizer/{index}/momentum", momentum);
                    break;
                case Adam.State adam:
                    yield return ($"optimizer/{index}/mean", adam.exp_avg);
                    yield return ($"optimizer/{index}/square", adam.exp_avg_sq);
                    break;
                case AdamW.State adam:
                    yield return ($"optimizer/{index}/mean", adam.exp_avg);
                    yield return ($"optimizer/{index}/square", adam.exp_avg_sq);
                    break;
            }
    }

    /// <summary>Steps that were made, the same for all parameters; 0 where the optimiser does not count them.</summary>
    public static long Steps(optim.Optimizer optimizer) => StatesOf(optimizer)[0] switch
    {
        Adam.State adam => adam.step,
        AdamW.State adam => adam.step,
        _ => 0,
    };

    /// <summary>Makes a new optimiser one that has made steps, so that <see cref="Tensors"/> has all that is to be set.</summary>
    public static void Resume(optim.Optimizer optimizer, IReadOnlyList<Parameter> parameters, long steps)
    {
        foreach (var (index, state) in StatesOf(optimizer).Index())
            switch (state)
            {
                case SGD.State sgd when optimizer is SGD { Momentum: > 0 }:
                    sgd.momentum_buffer = zeros_like(parameters[index], requires_grad: false).DetachFromDisposeScope();
                    break;
                case Adam.State adam:
                    adam.step = steps;
                    break;
                case AdamW.State adam:
                    adam.step = steps;
                    break;
            }
    }

    private static List<OptimizerState> StatesOf(optim.Optimizer optimizer) => ((OptimizerHelper)optimizer).state_dict().State;
}
