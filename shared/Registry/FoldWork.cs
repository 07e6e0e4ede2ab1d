using Mlops.Contracts.Spec;
using Mlops.Registry.Facts;

namespace Mlops.Registry;

/// <summary>
/// The folds of a run's cross-validation as pieces of work. A fold's subject is a name-based id (RFC 9562, version 8) of run,
/// repeat and fold, so that each is added once however often that is tried.
/// </summary>
public static class FoldWork
{
    /// <summary>The kind of the work.</summary>
    public const string Kind = "train-fold";

    /// <summary>The folds of a run that are done, by repeat and number.</summary>
    public static IQueryable<Fold> DoneOf(RegistryDbContext db, Guid runId) => db.Folds.Where(fold => fold.PipelineRunId == runId).OrderBy(fold => fold.Repeat).ThenBy(fold => fold.Number);

    /// <summary>Every fold of every repeat, from 1.</summary>
    public static IEnumerable<(int Repeat, int Fold)> PartsOf(CrossValidationSpec spec) =>
        from repeat in Enumerable.Range(1, spec.Repeats)
        from fold in Enumerable.Range(1, spec.Folds)
        select (repeat, fold);

    /// <summary>The subject of a fold's work.</summary>
    public static Guid SubjectOf(Guid runId, int repeat, int fold) => NameBasedId.Of($"{runId}/{repeat}/{fold}");

    /// <summary>Which fold of a run a subject is.</summary>
    /// <exception cref="InvalidOperationException">It is none of the spec's.</exception>
    public static (int Repeat, int Fold) PartOf(CrossValidationSpec spec, Guid runId, Guid subjectId) =>
        PartsOf(spec).First(part => SubjectOf(runId, part.Repeat, part.Fold) == subjectId);
}
