using Mlops.Contracts.Spec;

namespace Mlops.Training.Selection;

/// <summary>An architecture that was tried, and what came of it.</summary>
/// <param name="Model">With all its settings.</param>
/// <param name="Kept">The report of its best epoch; null where there is none.</param>
/// <param name="WhyNot">Why there is none; null where it was trained.</param>
public sealed record Candidate(ModelSpec Model, EpochReport? Kept, string? WhyNot);
