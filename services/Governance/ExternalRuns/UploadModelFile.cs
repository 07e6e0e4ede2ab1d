using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Governance.ModelCheck;

namespace Mlops.Governance.ExternalRuns;

/// <summary>A model file that is stored, and what its graph takes and gives.</summary>
/// <param name="Digest">SHA-256 of the file: what a run names as its model.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Inputs">In the order of the graph.</param>
/// <param name="Outputs">In the order of the graph.</param>
public sealed record ModelFileResponse(string Digest, long Bytes, IReadOnlyList<TensorSignature> Inputs, IReadOnlyList<TensorSignature> Outputs);

/// <summary>Stores an ONNX file, once it has been checked. It becomes a model version when somebody registers it as one.</summary>
internal static class UploadModelFile
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/model-files", HandleAsync)
            .WithName(nameof(UploadModelFile)).WithTags("Runs from elsewhere").WithSummary("Stores an ONNX file, to be named by its digest as a run's model")
            // The server's own bound breaks the connection off; ours is answered.
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge);

    private static async Task<ModelFileResponse> HandleAsync(
        IArtifactStore artifacts, ModelSandbox sandbox, IOptions<GovernanceOptions> options, HttpRequest request, CancellationToken cancellationToken)
    {
        var file = await ReadAsync(request, options.Value.MaxModelBytes, cancellationToken);
        var signature = await sandbox.CheckAsync(file, cancellationToken);
        var stored = await artifacts.PutAsync(file, cancellationToken);
        return new ModelFileResponse($"{stored.Digest}", stored.Length, signature.Inputs, signature.Outputs);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int max, CancellationToken cancellationToken)
    {
        if (request.ContentType is not "application/octet-stream")
            throw Fault.Invalid("Content-Type", $"'{request.ContentType}' is not accepted; the ONNX file as application/octet-stream is");
        if (request.ContentLength > max)
            throw TooLarge(max);
        using var file = new MemoryStream((int)(request.ContentLength ?? 0));
        var chunk = new byte[1 << 16];
        while (await request.Body.ReadAsync(chunk, cancellationToken) is var read and > 0)
        {
            if (file.Length + read > max)
                throw TooLarge(max);
            file.Write(chunk.AsSpan(0, read));
        }
        return file.GetBuffer().AsMemory(0, (int)file.Length);
    }

    private static Fault TooLarge(int max) => new(FaultKind.TooLarge, "", $"the file has more than {max} bytes; at most {max} are accepted");
}
