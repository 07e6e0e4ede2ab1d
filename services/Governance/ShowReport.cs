using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Registry;

namespace Mlops.Governance;

/// <summary>The evaluation report as the evaluator wrote it.</summary>
internal static class ShowReport
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/models/{name}/versions/{version}/report", HandleAsync)
            .WithName(nameof(ShowReport)).WithTags("Models")
            .WithSummary("Shows a model version's whole evaluation report: per class figures, confusion matrix; its SHA-256 is the ETag")
            .Produces(StatusCodes.Status200OK, contentType: "application/json").Produces(StatusCodes.Status304NotModified)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> HandleAsync(
        RegistryStore registry, IArtifactStore artifacts, string name, string version, CancellationToken cancellationToken)
    {
        var digest = await registry.ReadAsync(async (db, token) =>
        {
            var found = await FindModelVersion.ReadAsync(db, name, version, token);
            return await db.EvaluationReports.Where(report => report.ModelVersionId == found.Id).Select(report => report.ReportDigest).SingleOrDefaultAsync(token)
                ?? throw Fault.NotFound("version", $"{name} version {found.Version} has not been evaluated yet");
        }, cancellationToken);
        var report = await artifacts.ReadAsync(ContentDigest.Parse(digest), cancellationToken);
        return TypedResults.Bytes(report, "application/json", entityTag: new EntityTagHeaderValue($"\"{digest}\""));
    }
}
