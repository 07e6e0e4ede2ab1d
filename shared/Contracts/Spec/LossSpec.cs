using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>
/// What training makes small: the mean over rows (and targets) of a measure of each. For a regression it is of the targets as
/// they are learned: standardised unless the spec says otherwise.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(CrossEntropyLossSpec), "cross-entropy")]
[JsonDerivedType(typeof(FocalLossSpec), "focal")]
[JsonDerivedType(typeof(BinaryLossSpec), "binary")]
[JsonDerivedType(typeof(MseLossSpec), "mse")]
[JsonDerivedType(typeof(MaeLossSpec), "mae")]
[JsonDerivedType(typeof(HuberLossSpec), "huber")]
[JsonDerivedType(typeof(QuantileLossSpec), "quantile")]
public abstract record LossSpec
{
    private static readonly string[] OfClasses = ["cross-entropy", "focal", "binary"], OfNumbers = ["mse", "mae", "huber", "quantile"];

    /// <summary>What a task is trained by unless the spec says: cross-entropy, or the mean squared error.</summary>
    public static LossSpec DefaultOf(TaskKind task) => task == TaskKind.Classification ? new CrossEntropyLossSpec() : new MseLossSpec();

    internal static LossSpec Read(SpecReader reader, TaskKind task)
    {
        var accepted = task == TaskKind.Classification ? OfClasses : OfNumbers;
        LossSpec spec = reader.OneOf("type", accepted[0], accepted) switch
        {
            "focal" => FocalLossSpec.Read(reader),
            "binary" => new BinaryLossSpec { PositiveWeight = reader.Number("positiveWeight", 1, 0, 1e6, openMin: true) },
            "mae" => new MaeLossSpec(),
            "huber" => new HuberLossSpec { Delta = reader.Number("delta", 1, 0, 1e6, openMin: true) },
            "quantile" => new QuantileLossSpec { Quantile = reader.Number("quantile", 0.5, 0, 1, openMin: true, openMax: true) },
            "mse" => new MseLossSpec(),
            _ => CrossEntropyLossSpec.Read(reader),
        };
        reader.End();
        return spec;
    }
}

/// <summary>A loss that may count classes differently.</summary>
public abstract record WeightedLossSpec : LossSpec
{
    /// <summary>What a row of each class counts.</summary>
    public ClassWeightsSpec ClassWeights { get; init; } = new();
}

/// <summary>Cross-entropy of the softmax, in nats.</summary>
public sealed record CrossEntropyLossSpec : WeightedLossSpec
{
    /// <summary>The share of each row's certainty that is spread evenly over all classes (Szegedy et al., 2016), 0 ≤ share &lt; 1.</summary>
    public double LabelSmoothing { get; init; }

    internal static CrossEntropyLossSpec Read(SpecReader reader) => new()
    {
        LabelSmoothing = reader.Number("labelSmoothing", 0, 0, 1, openMax: true),
        ClassWeights = ClassWeightsSpec.Read(reader.Section("classWeights")),
    };
}

/// <summary>−α(1 − p)^γ·ln p, with p the probability of a row's class and α its weight: rows that are well told apart count less (Lin et al., 2017).</summary>
public sealed record FocalLossSpec : WeightedLossSpec
{
    /// <summary>0 (cross-entropy) to 10.</summary>
    public double Gamma { get; init; } = 2;

    internal static FocalLossSpec Read(SpecReader reader) => new()
    {
        Gamma = reader.Number("gamma", 2, 0, 10),
        ClassWeights = ClassWeightsSpec.Read(reader.Section("classWeights")),
    };
}

/// <summary>Cross-entropy of a sigmoid: for two classes, of which the second in their order is the positive one.</summary>
public sealed record BinaryLossSpec : LossSpec
{
    /// <summary>What a row of the positive class counts, above 0.</summary>
    public double PositiveWeight { get; init; } = 1;
}

/// <summary>Mean squared error.</summary>
public sealed record MseLossSpec : LossSpec;

/// <summary>Mean absolute error; what is learned is the median.</summary>
public sealed record MaeLossSpec : LossSpec;

/// <summary>Half the squared error up to δ, and δ·(|error| − δ/2) beyond (Huber, 1964).</summary>
public sealed record HuberLossSpec : LossSpec
{
    /// <summary>δ, above 0, in the units of the targets as they are learned.</summary>
    public double Delta { get; init; } = 1;
}

/// <summary>The pinball loss (Koenker and Bassett, 1978): what is learned is below the target in this share of rows.</summary>
public sealed record QuantileLossSpec : LossSpec
{
    /// <summary>Above 0, below 1.</summary>
    public double Quantile { get; init; } = 0.5;
}
