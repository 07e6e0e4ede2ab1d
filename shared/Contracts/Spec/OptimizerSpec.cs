using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>How weights are stepped. To add one: a record here, a rule in shared/Training/Optimization, PyTorch's trajectory as its test.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(GradientDescentSpec), "gradient-descent")]
[JsonDerivedType(typeof(SgdSpec), "sgd")]
[JsonDerivedType(typeof(AdamSpec), "adam")]
[JsonDerivedType(typeof(AdamWSpec), "adamw")]
[JsonDerivedType(typeof(NAdamSpec), "nadam")]
[JsonDerivedType(typeof(RAdamSpec), "radam")]
[JsonDerivedType(typeof(RmsPropSpec), "rmsprop")]
[JsonDerivedType(typeof(AdagradSpec), "adagrad")]
[JsonDerivedType(typeof(LbfgsSpec), "lbfgs")]
public abstract record OptimizerSpec
{
    private const double OfTransformers = 0.0003;

    /// <summary>
    /// Size of a step, above 0; the largest where a schedule changes it. Unless said it is each optimizer's own, but of a
    /// text-transformer by Adam and its kin 0.0003: at the steps that suit small networks attention only learns by heart.
    /// </summary>
    public double LearningRate { get; init; }

    /// <summary>How the learning rate changes as training goes on.</summary>
    public ScheduleSpec Schedule { get; init; } = new ConstantScheduleSpec();

    /// <summary>Whether each step takes all training rows, so that <see cref="TrainingSpec.BatchSize"/> is not looked at.</summary>
    [JsonIgnore]
    public virtual bool IsFullBatch => false;

    internal static OptimizerSpec Read(SpecReader reader, bool isOfTransformer)
    {
        OptimizerSpec spec = reader.OneOf("type", "adamw", ["gradient-descent", "sgd", "adam", "adamw", "nadam", "radam", "rmsprop", "adagrad", "lbfgs"]) switch
        {
            "gradient-descent" => new GradientDescentSpec().ReadDecay(reader),
            "sgd" => SgdSpec.Read(reader).ReadDecay(reader),
            "adam" => new AdamSpec().ReadMoments(reader).ReadDecay(reader),
            "nadam" => NAdamSpec.Read(reader).ReadMoments(reader).ReadDecay(reader),
            "radam" => new RAdamSpec().ReadMoments(reader).ReadDecay(reader),
            "rmsprop" => RmsPropSpec.Read(reader).ReadDecay(reader),
            "adagrad" => AdagradSpec.Read(reader).ReadDecay(reader),
            "lbfgs" => LbfgsSpec.Read(reader),
            _ => new AdamWSpec().ReadMoments(reader).ReadDecay(reader),
        };
        spec = spec with
        {
            LearningRate = reader.Number("learningRate", isOfTransformer && spec is MomentsSpec ? OfTransformers : spec.LearningRate, 0, 1_000, openMin: true),
            Schedule = ScheduleSpec.Read(reader.Section("schedule")),
        };
        reader.End();
        return spec;
    }
}

/// <summary>An optimiser that looks at gradients alone, weight by weight.</summary>
public abstract record FirstOrderSpec : OptimizerSpec
{
    /// <summary>
    /// At least 0. This times the weight is added to the gradient; for AdamW, the weight shrinks by learning rate × this at each
    /// step, apart from the gradient (Loshchilov and Hutter, 2019).
    /// </summary>
    public double WeightDecay { get; init; }

    internal FirstOrderSpec ReadDecay(SpecReader reader) => this with { WeightDecay = reader.Number("weightDecay", WeightDecay, 0, 1_000) };
}
