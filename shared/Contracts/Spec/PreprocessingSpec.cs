namespace Mlops.Contracts.Spec;

/// <summary>How numbers are brought to a common size, by values fitted on the training rows only.</summary>
public enum Scaling
{
    /// <summary>Minus the mean, divided by the standard deviation.</summary>
    Standard,

    /// <summary>As they are.</summary>
    None,
}

/// <summary>What happens to columns before the network sees them; all of it is written into the ONNX graph.</summary>
public sealed record PreprocessingSpec
{
    /// <summary>For numeric features. A missing number becomes the training rows' mean.</summary>
    public Scaling Numeric { get; init; } = Scaling.Standard;

    /// <summary>For a regression's targets; undone inside the graph, so that answers are in the targets' own units.</summary>
    public Scaling Target { get; init; } = Scaling.Standard;

    internal static PreprocessingSpec Read(SpecReader reader, TaskKind task)
    {
        var spec = new PreprocessingSpec
        {
            Numeric = reader.Choice("numeric", Scaling.Standard),
            Target = reader.Choice("target", Scaling.Standard),
        };
        if (task == TaskKind.Classification && spec.Target != Scaling.Standard)
            reader.Report("target", "not accepted for a classification: classes are not scaled");
        reader.End();
        return spec;
    }
}
