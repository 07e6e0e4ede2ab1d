using Mlops.Training.Loop;
using Mlops.Training.Losses;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Gradients;

/// <summary>Gradients by libtorch's automatic differentiation: of any network, on any device.</summary>
internal sealed class AutogradGradients(Network network, Loss loss, FlatWeights weights, TrainingPass pass) : BatchGradients
{
    private Tensor? _value;

    public override Tensor Forward(Samples batch)
    {
        _value = loss.Of(network.Forward(batch.Inputs, pass), batch.Targets);
        return _value.detach();
    }

    public override void Backward()
    {
        weights.Gradients.zero_();
        _value!.backward();
    }
}
