using Mlops.Contracts;
using Mlops.Registry.Facts;

namespace Mlops.Governance.Rollouts;

/// <summary>Whether callers of one version can be answered by another without noticing.</summary>
internal static class SameSignature
{
    /// <summary>What differs, by input and output.</summary>
    public static IEnumerable<Problem> Problems(ModelVersion champion, ModelVersion candidate) =>
        Differences("inputs", champion.Signature.Inputs, candidate.Signature.Inputs).Concat(Differences("outputs", champion.Signature.Outputs, candidate.Signature.Outputs));

    private static IEnumerable<Problem> Differences(string field, IReadOnlyList<TensorSignature> expected, IReadOnlyList<TensorSignature> actual)
    {
        foreach (var name in expected.Concat(actual).Select(tensor => tensor.Name).Distinct())
        {
            var (champions, candidates) = (expected.FirstOrDefault(tensor => tensor.Name == name), actual.FirstOrDefault(tensor => tensor.Name == name));
            if (Text(champions) != Text(candidates))
                yield return new Problem($"{field}.{name}", $"the candidate has {Text(candidates)}, the champion {Text(champions)}; callers must not notice who answers");
        }
    }

    private static string Text(TensorSignature? tensor) => tensor is null ? "none"
        : $"{tensor.Datatype} [{string.Join(",", tensor.Shape)}]{(tensor.Columns.Count > 0 ? $" of {string.Join(", ", tensor.Columns)}" : "")}";
}
