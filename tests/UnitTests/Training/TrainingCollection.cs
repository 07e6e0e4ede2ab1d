using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>One after the other: tests that count live tensors, and two cores.</summary>
[CollectionDefinition(Name)]
public static class TrainingCollection
{
    public const string Name = "Training";
}
