using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.Datasets;

/// <summary>The model version that a run begins with instead of a training.</summary>
internal static class GivenModel
{
    private const string Relation = "begins-with";

    /// <exception cref="Fault">There is none, or it was made here.</exception>
    public static async Task<ModelVersion> FindAsync(RegistryStore registry, string? model, string? modelVersion, CancellationToken cancellationToken)
    {
        if (model is null)
            throw Fault.Invalid("model", "missing; the model's name is accepted with modelVersion");
        if (!int.TryParse(modelVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
            throw Fault.Invalid("modelVersion", $"{(modelVersion is null ? "missing" : "not a version")}; the number of a version is accepted with model");
        var found = await registry.ReadAsync((db, token) => db.ModelVersions.SingleOrDefaultAsync(row => row.Name == model && row.Version == number, token), cancellationToken)
            ?? throw Fault.NotFound("modelVersion", $"there is no version {number} of a model '{model}'");
        return found.ExternalRunId is not null
            ? found
            : throw new Fault(FaultKind.Conflict, "modelVersion", $"{model} version {number} was made by a run here; a version that was made elsewhere is accepted");
    }

    /// <summary>Lets the run begin with it, in the run's transaction: a version is evaluated once.</summary>
    /// <exception cref="Fault">Conflict: another run has begun with it.</exception>
    public static async Task TakeAsync(RegistryDbContext db, PipelineRun run, ModelVersion model, CancellationToken cancellationToken)
    {
        await db.HoldAsync(FactKind.ModelVersion, model.Id, cancellationToken);
        if (await db.LineageEdges.Where(edge => edge.ParentId == model.Id && edge.Relation == Relation).Select(edge => (Guid?)edge.ChildId).FirstOrDefaultAsync(cancellationToken) is { } other)
            throw new Fault(FaultKind.Conflict, "modelVersion", $"run {other} has begun with {model.Name} version {model.Version}; that one can be retried, if it has failed");
        db.Link(FactKind.PipelineRun, run.Id, Relation, FactKind.ModelVersion, model.Id);
    }
}
