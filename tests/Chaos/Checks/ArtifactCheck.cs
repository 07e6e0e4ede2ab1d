using System.Text;
using Mlops.Artifacts;
using Mlops.Contracts;

namespace Mlops.Chaos.Checks;

/// <summary>Every digest that a fact names stands for bytes that are there and have that digest.</summary>
internal static class ArtifactCheck
{
    public static async Task<IReadOnlyList<Violation>> OfAsync(RegistryFacts facts, IArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var violations = facts.Runs.Where(run => ContentDigest.Of(Encoding.UTF8.GetBytes(run.Spec)).ToString() != run.SpecDigest)
            .Select(run => new Violation(Breach.Wrong, $"the spec of run {run.Id} does not have the digest {run.SpecDigest}")).ToList();
        foreach (var (digest, fact) in References(facts).DistinctBy(reference => reference.Digest))
        {
            try
            {
                await artifacts.ReadAsync(ContentDigest.Parse(digest), cancellationToken);
            }
            catch (Fault fault)
            {
                violations.Add(new Violation(Breach.Lost, $"{fact} refers to an artifact that cannot be read: {fault.Message}"));
            }
        }
        return violations;
    }

    private static IEnumerable<(string Digest, string Fact)> References(RegistryFacts facts) =>
    [
        .. facts.Datasets.Select(version => (version.Digest, $"data set version {version.Id}")),
        .. facts.Runs.Select(run => (run.SplitDigest, $"run {run.Id}")),
        .. facts.Folds.Select(fold => (fold.PredictionsDigest, $"fold {fold.Id}")),
        .. facts.Versions.Select(version => (version.Digest, $"model version {version.Id}")),
        .. facts.Reports.Select(report => (report.ReportDigest, $"evaluation report {report.Id}")),
    ];
}
