using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Gradients;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>Fully connected layers on the weights of terms; training drops terms as well as units, so that no few of them decide.</summary>
internal sealed class TextBag(TextBagSpec spec, int inputs, int outputs) : Network
{
    private readonly Mlp _mlp = new(inputs, spec.Hidden, spec.Activation, outputs);

    public override IReadOnlyList<(string Name, nn.Module Module)> Layers => _mlp.Layers;

    public override LayerStack? Stack => new(spec.Activation) { DropsInputs = true };

    public override Tensor Forward(Tensor input, TrainingPass? pass) => _mlp.Forward(pass.Drop(input), pass);

    public override string Export(GraphBuilder graph, string input) => _mlp.Export(graph, input);
}
