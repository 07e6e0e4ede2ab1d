using System.Text.Json;

namespace Mlops.Search;

/// <summary>A trial that has ended, as later ones learn from it.</summary>
/// <param name="Settings">What was tried, by place in the spec.</param>
/// <param name="IsFailed">Whether it could not be trained, which is worse than any other end.</param>
public sealed record PastTrial(IReadOnlyDictionary<string, JsonElement> Settings, bool IsFailed);
