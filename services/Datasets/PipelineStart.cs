using System.Text;
using Mlops.Artifacts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Tabular;

namespace Mlops.Datasets;

/// <summary>What begins a run, with a new data set version or on one that exists.</summary>
internal static class PipelineStart
{
    /// <summary>Checks the spec against the data and shares out the rows.</summary>
    /// <exception cref="Contracts.Fault">They do not fit together; every problem is in it.</exception>
    public static RowSplit Check(PipelineSpec spec, Table table)
    {
        SpecAgainstTable.Check(spec, table);
        var split = RowSplit.Make(table, spec.Split, spec.Target, spec.Task);
        SplitClasses.Check(spec, table, split);
        FoldAssignment.Check(table, split, spec);
        return split;
    }

    /// <summary>Adds the run with its lineage and audit entry.</summary>
    public static PipelineRun Add(RegistryDbContext db, RegistryStore registry, Guid runId, PipelineSpec spec, DatasetVersion version, ContentDigest splitDigest)
    {
        var json = spec.ToJson();
        var run = new PipelineRun
        {
            Id = runId,
            Name = spec.Name,
            DatasetVersionId = version.Id,
            Spec = json,
            SpecDigest = ContentDigest.Of(Encoding.UTF8.GetBytes(json)).ToString(),
            SplitDigest = splitDigest.ToString(),
            CreatedAt = registry.Now(),
        };
        db.Insert(run);
        db.Link(FactKind.PipelineRun, run.Id, "runs-on", FactKind.DatasetVersion, version.Id);
        db.Audit("datasets", "pipeline.started", run.Id, new { run.Name, DatasetDigest = version.Digest, run.SpecDigest, run.SplitDigest });
        return run;
    }
}
