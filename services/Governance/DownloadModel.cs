using Microsoft.Net.Http.Headers;
using Mlops.Artifacts;
using Mlops.Registry;

namespace Mlops.Governance;

/// <summary>The very bytes that are served; whoever has them can check them against the digest.</summary>
internal static class DownloadModel
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/models/{name}/versions/{version}/content", HandleAsync)
            .WithName(nameof(DownloadModel)).WithTags("Models").WithSummary("Downloads a model version's ONNX file; its SHA-256 is the ETag")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").Produces(StatusCodes.Status304NotModified)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> HandleAsync(
        RegistryStore registry, IArtifactStore artifacts, string name, string version, CancellationToken cancellationToken)
    {
        var found = await registry.ReadAsync((db, token) => FindModelVersion.ReadAsync(db, name, version, token), cancellationToken);
        // A corrupt file shows only at its end; the connection is then cut, so that nobody takes it for whole.
        var content = await artifacts.OpenAsync(ContentDigest.Parse(found.Digest), cancellationToken);
        return TypedResults.Stream(
            content, "application/octet-stream", $"{found.Name}-{found.Version}.onnx", entityTag: new EntityTagHeaderValue($"\"{found.Digest}\""));
    }
}
