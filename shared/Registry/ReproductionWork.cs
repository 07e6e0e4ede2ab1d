namespace Mlops.Registry;

/// <summary>Trainings that are done again as pieces of work, each with its request as the subject.</summary>
public static class ReproductionWork
{
    /// <summary>The kind of the work.</summary>
    public const string Kind = "reproduce-training";
}
