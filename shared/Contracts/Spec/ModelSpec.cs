using System.Reflection;
using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>The non-linearity between layers.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>x·sigmoid(x), also called swish.</summary>
    Silu,
}

/// <summary>An architecture. To add one: a record here, a predictor in shared/Training with its ONNX export beside it, a parity test.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(AutoModelSpec), "auto")]
[JsonDerivedType(typeof(LinearSpec), "linear")]
[JsonDerivedType(typeof(MlpSpec), "mlp")]
[JsonDerivedType(typeof(ResidualMlpSpec), "residual-mlp")]
[JsonDerivedType(typeof(EmbeddingMlpSpec), "embedding-mlp")]
[JsonDerivedType(typeof(CnnSpec), "cnn")]
[JsonDerivedType(typeof(TextBagSpec), "text-bag")]
[JsonDerivedType(typeof(TextTransformerSpec), "text-transformer")]
[JsonDerivedType(typeof(BoostedTreesSpec), "boosted-trees")]
public abstract record ModelSpec
{
    /// <summary>Its name in a spec, such as <c>boosted-trees</c>.</summary>
    [JsonIgnore]
    public string Type => (string)typeof(ModelSpec).GetCustomAttributes<JsonDerivedTypeAttribute>().Single(choice => choice.DerivedType == GetType()).TypeDiscriminator!;

    internal static ModelSpec Read(SpecReader reader, OptimizerSpec optimizer)
    {
        // Without a type, settings are those of a perceptron.
        ModelSpec spec = reader.OneOf("type", reader.OwnNames().Any() ? "mlp" : "auto", ["auto", "linear", "mlp", "residual-mlp", "embedding-mlp", "cnn", "text-bag", "text-transformer", "boosted-trees"]) switch
        {
            "auto" => AutoModelSpec.Read(reader),
            "linear" => LinearSpec.Read(reader),
            "residual-mlp" => ResidualMlpSpec.Read(reader, optimizer),
            "embedding-mlp" => EmbeddingMlpSpec.Read(reader).ReadLayers(reader, optimizer),
            "cnn" => CnnSpec.Read(reader, optimizer),
            "text-bag" => new TextBagSpec().ReadLayers(reader, optimizer),
            "text-transformer" => TextTransformerSpec.Read(reader, optimizer),
            "boosted-trees" => BoostedTreesSpec.Read(reader),
            _ => new MlpSpec().ReadLayers(reader, optimizer),
        };
        reader.End();
        return spec;
    }
}

/// <summary>A network whose weights are trained by gradients.</summary>
public abstract record NetworkSpec : ModelSpec
{
    /// <summary>Share of hidden units switched off at each training step, 0 ≤ dropout &lt; 1.</summary>
    public double Dropout { get; init; } = 0.1;

    // L-BFGS compares losses that it computed at different times.
    private protected static double ReadDropout(SpecReader reader, double otherwise, OptimizerSpec optimizer)
    {
        if (optimizer is not LbfgsSpec)
            return reader.Number("dropout", otherwise, 0, 1, openMax: true);
        if (reader.Number("dropout", 0, 0, 1, openMax: true) > 0)
            reader.Report("dropout", "above 0 is not accepted with optimizer.type lbfgs, which wants a loss without chance; 0 is");
        return 0;
    }
}

/// <summary>Fully connected layers.</summary>
public abstract record PerceptronSpec : NetworkSpec
{
    /// <summary>Units of each hidden layer; empty for a linear model.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [64, 32];

    /// <summary>After each hidden layer; tables are learned better through smooth ones (Holzmüller et al., 2024).</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>Reads the layers; what is not there stays as it is.</summary>
    internal PerceptronSpec ReadLayers(SpecReader reader, OptimizerSpec optimizer) => this with
    {
        Hidden = reader.Integers("hidden", Hidden, 1, 65_536, maxCount: 64),
        Activation = reader.Choice("activation", Activation),
        Dropout = ReadDropout(reader, Dropout, optimizer),
    };
}

/// <summary>A multi-layer perceptron.</summary>
public sealed record MlpSpec : PerceptronSpec;
