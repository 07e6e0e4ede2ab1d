namespace Mlops.Contracts.Spec;

/// <summary>One layer and no more: logistic or linear regression, depending on the loss.</summary>
public sealed record LinearSpec : NetworkSpec
{
    /// <summary>There is nothing to drop.</summary>
    public LinearSpec() => Dropout = 0;

    internal static LinearSpec Read(SpecReader reader)
    {
        reader.Number("dropout", 0, 0, 0);
        return new LinearSpec();
    }
}
