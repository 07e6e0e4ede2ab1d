namespace Mlops.Registry;

/// <summary>The training of a run's model, on all training rows, as a piece of work with the run as its subject.</summary>
public static class ModelWork
{
    /// <summary>The kind of the work.</summary>
    public const string Kind = "train-model";
}
