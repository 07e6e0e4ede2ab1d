using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using Mlops.Training.Gradients;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace Mlops.Training.Networks;

/// <summary>A network with its ONNX export: from encoded rows [N, inputs] to logits or values [N, outputs].</summary>
internal abstract class Network : IPredictor
{
    private const int BlockRows = 4_096;

    private static readonly Lock Seeding = new();

    /// <summary>What is trained, from the first layer to the last.</summary>
    public abstract IReadOnlyList<(string Name, nn.Module Module)> Layers { get; }

    /// <summary>Each layer's weight and bias. Not to be kept over <see cref="MoveTo"/>, which may replace them.</summary>
    public IReadOnlyList<(string Name, Parameter Values)> NamedParameters =>
        [.. Layers.SelectMany(layer => layer.Module.named_parameters().Select(parameter => ($"{layer.Name}.{parameter.name}", parameter.parameter)))];

    /// <summary>The same without their names.</summary>
    public IEnumerable<Parameter> Parameters => NamedParameters.Select(parameter => parameter.Values);

    /// <summary>What training changes besides, in the same order: means and variances of normalisations.</summary>
    public IReadOnlyList<Tensor> Buffers =>
        [.. Layers.SelectMany(layer => layer.Module.named_buffers().Select(buffer => buffer.buffer))];

    /// <summary>Whether a training batch must have at least two rows.</summary>
    public virtual bool NeedsSeveralRows => false;

    /// <summary>What <see cref="Forward"/> does beside the layers, where they follow one another and are of the kinds that a stack has; else null.</summary>
    public virtual LayerStack? Stack => null;

    /// <summary>Computes the output.</summary>
    /// <param name="input">[N, inputs].</param>
    /// <param name="pass">Null outside training.</param>
    public abstract Tensor Forward(Tensor input, TrainingPass? pass);

    /// <inheritdoc/>
    public float[] Predict(float[] encoded, int rows)
    {
        using var _ = no_grad();
        var width = rows == 0 ? 0 : encoded.Length / rows;
        var predictions = new List<float>();
        for (var start = 0; start < rows; start += BlockRows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(BlockRows, rows - start);
            predictions.AddRange(Forward(tensor(encoded.AsMemory(start * width, count * width), [count, width]), pass: null).ToFloats());
        }
        return [.. predictions];
    }

    /// <inheritdoc/>
    public abstract string Export(GraphBuilder graph, string input);

    /// <summary>Moves the weights to a device.</summary>
    public void MoveTo(Device device)
    {
        // For what moving makes besides: handles on the gradients.
        using var scope = NewDisposeScope();
        foreach (var layer in Layers)
            layer.Module.to(device);
        Own();
    }

    public void Dispose()
    {
        foreach (var layer in Layers)
            layer.Module.Dispose();
    }

    /// <summary>Builds the network of a spec on the CPU, with PyTorch's default initial weights for that seed.</summary>
    /// <exception cref="Contracts.Fault">A CNN's shape does not fit the features.</exception>
    public static Network Build(ModelSpec spec, RowLayout layout, int outputs, int seed)
    {
        // Layers draw from libtorch's global generator, which other trainings in this process use for the same.
        lock (Seeding)
        {
            using var generator = manual_seed(seed);
            using var scope = NewDisposeScope();
            Network network = spec switch
            {
                LinearSpec => new Mlp(layout.Width, hidden: [], Activation.Relu, outputs),
                MlpSpec mlp => new Mlp(layout.Width, mlp.Hidden, mlp.Activation, outputs),
                TextBagSpec bag => new TextBag(bag, layout.Width, outputs),
                ResidualMlpSpec residual => new ResidualMlp(residual, layout.Width, outputs),
                EmbeddingMlpSpec embedding => new EmbeddingMlp(embedding, layout, outputs),
                TextTransformerSpec transformer => new TextTransformer(transformer, layout, outputs),
                CnnSpec cnn => new Cnn(cnn, layout.Width, outputs),
                _ => throw new InvalidOperationException($"unknown model {spec.GetType().Name}"),
            };
            network.Own();
            return network;
        }
    }

    // Weights live as long as the network, whatever scope they were made in.
    private void Own()
    {
        foreach (var parameter in Parameters)
            parameter.DetachFromDisposeScope();
        foreach (var buffer in Buffers)
            buffer.DetachFromDisposeScope();
    }
}
