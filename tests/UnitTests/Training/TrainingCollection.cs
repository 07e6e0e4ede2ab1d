using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>One after the other: tests that count live tensors, and two cores.</summary>
[CollectionDefinition(Name)]
public static class TrainingCollection
{
    public const string Name = "Training";
}

/// <summary>With nothing beside them: tests that measure the memory of the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class AloneCollection
{
    public const string Name = "Alone";
}
