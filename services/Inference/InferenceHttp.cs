using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.RequestDecompression;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Hosting;
using Mlops.Inference.Admission;
using Mlops.Inference.Rest;

namespace Mlops.Inference;

/// <summary>The REST front of the Open Inference Protocol: it translates and decides nothing.</summary>
internal sealed partial class InferenceHttp(DataPlane plane, Gate gate, IRequestDecompressionProvider decompression, IOptions<InferenceOptions> options, ILogger<InferenceHttp> logger)
{
    // What is answered stands in no page, so that only what JSON itself demands is escaped.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>What this front has beyond the protocol's core.</summary>
    private static readonly string[] Extensions = ["binary_tensor_data", "model_configuration", "statistics", "model_repository"];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v2", Edge(ServerMetadataAsync));
        endpoints.MapGet("/v2/health/live", Edge(context => AnswerAsync(context, new { live = true })));
        endpoints.MapGet("/v2/health/ready", Edge(ServerReadyAsync));
        foreach (var model in new[] { "/v2/models/{model}", "/v2/models/{model}/versions/{version}" })
        {
            endpoints.MapGet(model, Edge(ModelMetadataAsync));
            endpoints.MapGet($"{model}/ready", Edge(ModelReadyAsync));
            endpoints.MapGet($"{model}/config", Edge(ModelConfigAsync));
            endpoints.MapGet($"{model}/stats", Edge(ModelStatisticsAsync));
            endpoints.MapPost($"{model}/infer", gate.Admit(Edge(ModelInferAsync))).WithMetadata(new InferenceServing.NoBodyLimit());
        }

        endpoints.MapGet("/v2/models/stats", Edge(context => AnswerAsync(context, MessageJson.Of(StatisticsMessages.Of(plane.Loaded("", ""))))));
        endpoints.MapPost("/v2/repository/index", Edge(RepositoryIndexAsync));
        endpoints.Map("/v2/{**path}", Edge(context =>
            throw Fault.NotFound("", $"this server has no {context.Request.Method} {context.Request.Path}")));
    }

    private Task ServerMetadataAsync(HttpContext context) =>
        AnswerAsync(context, new { name = ServerIdentity.Name, version = CodeVersion.Current, extensions = Extensions });

    private Task ServerReadyAsync(HttpContext context)
    {
        var ready = plane.IsReady();
        return AnswerAsync(context, new { ready }, ReadyStatus(ready));
    }

    private Task ModelReadyAsync(HttpContext context)
    {
        var (name, version) = ModelOf(context);
        var ready = plane.IsReady(name, version);
        return AnswerAsync(context, new { name, ready }, ReadyStatus(ready));
    }

    private async Task ModelMetadataAsync(HttpContext context)
    {
        var (name, version) = ModelOf(context);
        var model = await plane.DescribeAsync(name, version, context.RequestAborted);
        await AnswerAsync(context, new
        {
            name = model.Version.Model,
            versions = model.Versions,
            platform = ServerIdentity.Platform,
            inputs = model.Inputs.Select(ToMetadata),
            outputs = model.Outputs.Select(ToMetadata),
        });
    }

    private async Task ModelConfigAsync(HttpContext context)
    {
        var (name, version) = ModelOf(context);
        await AnswerAsync(context, MessageJson.Of(ModelMessages.Config(await plane.DescribeAsync(name, version, context.RequestAborted))));
    }

    private Task ModelStatisticsAsync(HttpContext context)
    {
        var (name, version) = ModelOf(context);
        return AnswerAsync(context, MessageJson.Of(StatisticsMessages.Of(plane.Loaded(name, version))));
    }

    private async Task RepositoryIndexAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context.Request, decompression, options.Value.MaxMessageBytes, context.RequestAborted);
        await AnswerAsync(context, MessageJson.Of(ModelMessages.Index(plane.Statuses, IndexRequest.OnlyReady(body.Json)))["models"]);
    }

    private async Task ModelInferAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context.Request, decompression, options.Value.MaxMessageBytes, context.RequestAborted);
        var (name, version) = ModelOf(context);
        var request = RequestJson.Parse(name, version, body);
        using var result = await plane.InferAsync(request.Inference, context.RequestAborted);
        await ResponseBody.WriteAsync(context.Response, request, result);
    }

    private static object ToMetadata(TensorFact fact) => new
    {
        name = fact.Name,
        datatype = fact.Datatype.Name,
        shape = fact.Shape,
        parameters = fact.Columns.IsEmpty ? null : new { columns = fact.Columns },
    };

    private static (string Name, string Version) ModelOf(HttpContext context) =>
        ((string)context.Request.RouteValues["model"]!, (string?)context.Request.RouteValues["version"] ?? "");

    // Probes look at the status alone.
    private static int ReadyStatus(bool ready) => ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    private static Task AnswerAsync<T>(HttpContext context, T answer, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, Json, "application/json");
    }

    /// <summary>The edge: whatever goes wrong below becomes a status here, and only here.</summary>
    private RequestDelegate Edge(Func<HttpContext, Task> answer) => async context =>
    {
        try
        {
            await answer(context);
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            var (status, text) = HttpStatus.From(failure, context.RequestAborted.IsCancellationRequested);
            if (status == StatusCodes.Status500InternalServerError)
                LogInternal(failure, context.GetEndpoint()?.DisplayName);
            context.Response.Clear();
            await AnswerAsync(context, new { error = text }, status);
        }
    };

    [LoggerMessage(LogLevel.Error, "{Endpoint} failed.")]
    private partial void LogInternal(Exception failure, string? endpoint);
}
