using Mlops.Contracts.Spec;
using Mlops.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace Mlops.Training.Networks;

/// <summary>A network with its ONNX export: from encoded rows [N, inputs] to logits or values [N, outputs].</summary>
internal abstract class Network : IDisposable
{
    private static readonly Lock Seeding = new();

    /// <summary>What is trained, from the first layer to the last.</summary>
    public abstract IReadOnlyList<nn.Module> Layers { get; }

    /// <summary>Each layer's weight and bias. Not to be kept over <see cref="MoveTo"/>, which may replace them.</summary>
    public IReadOnlyList<Parameter> Parameters => [.. Layers.SelectMany(layer => layer.parameters())];

    /// <summary>What L1 and L2 penalties bear on: all parameters of more than one dimension, so no biases.</summary>
    public IEnumerable<Parameter> Weights => Parameters.Where(parameter => parameter.dim() > 1);

    /// <summary>Computes the output.</summary>
    /// <param name="input">[N, inputs].</param>
    /// <param name="dropout">Null outside training.</param>
    public abstract Tensor Forward(Tensor input, Dropout? dropout);

    /// <summary>Adds the network to a graph and names its output.</summary>
    public abstract string Export(GraphBuilder graph, string input);

    /// <summary>Moves the weights to a device.</summary>
    public void MoveTo(Device device)
    {
        // For what moving makes besides: handles on the gradients.
        using var scope = NewDisposeScope();
        foreach (var layer in Layers)
            layer.to(device);
        Own();
    }

    public void Dispose()
    {
        foreach (var layer in Layers)
            layer.Dispose();
    }

    /// <summary>Builds the network of a spec on the CPU, with PyTorch's default initial weights for that seed.</summary>
    /// <exception cref="Contracts.Fault">A CNN's shape does not fit the features.</exception>
    public static Network Build(ModelSpec spec, int inputs, int outputs, int seed)
    {
        // Layers draw from libtorch's global generator, which other trainings in this process use for the same.
        lock (Seeding)
        {
            using var generator = manual_seed(seed);
            using var scope = NewDisposeScope();
            Network network = spec is CnnSpec cnn ? new Cnn(cnn, inputs, outputs) : new Mlp((MlpSpec)spec, inputs, outputs);
            network.Own();
            return network;
        }
    }

    // Weights live as long as the network, whatever scope they were made in.
    private void Own()
    {
        foreach (var parameter in Parameters)
            parameter.DetachFromDisposeScope();
    }
}
