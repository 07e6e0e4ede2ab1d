using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using GoogleStatus = Mlops.Protos.Rpc.Status;
using RetryInfo = Mlops.Protos.Rpc.RetryInfo;

namespace Mlops.Inference.Admission;

/// <summary>Puts the gate before endpoints that infer: a request that is refused is answered before any of it is read.</summary>
internal static class AdmittedEndpoints
{
    /// <summary>Of a gRPC service, its calls of ModelInfer; a stream's requests come through the gate one by one.</summary>
    public static void AdmitInfer(this GrpcServiceEndpointConventionBuilder service, Gate gate)
    {
        if (gate.IsLimiting)
            service.Add(endpoint =>
            {
                if (endpoint.Metadata.OfType<GrpcMethodMetadata>().SingleOrDefault()?.Method.Name == nameof(InferenceGrpc.ModelInfer))
                    endpoint.RequestDelegate = Admitted(gate, endpoint.RequestDelegate!, RefuseGrpcAsync);
            });
    }

    /// <summary>An endpoint of REST.</summary>
    public static RequestDelegate Admit(this Gate gate, RequestDelegate infer) => gate.IsLimiting ? Admitted(gate, infer, RefuseHttpAsync) : infer;

    private static RequestDelegate Admitted(Gate gate, RequestDelegate infer, Func<HttpContext, Refusal, Task> refuse) => async context =>
    {
        if (gate.TryEnter(gate.CallerOf(context), out var caller) is { } refusal)
        {
            await refuse(context, refusal);
            return;
        }

        try
        {
            await infer(context);
        }
        finally
        {
            gate.Leave(caller!);
        }
    };

    /// <summary>A status without a message: gRPC's trailers stand in the headers then.</summary>
    private static Task RefuseGrpcAsync(HttpContext context, Refusal refusal)
    {
        var headers = context.Response.Headers;
        context.Response.ContentType = "application/grpc";
        headers["grpc-status"] = ((int)StatusCode.ResourceExhausted).ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = refusal.Reason;
        headers["grpc-retry-pushback-ms"] = Math.Ceiling(refusal.RetryAfter.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        var details = new GoogleStatus
        {
            Code = (int)StatusCode.ResourceExhausted,
            Message = refusal.Reason,
            Details = { Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(refusal.RetryAfter) }) },
        };
        headers["grpc-status-details-bin"] = Convert.ToBase64String(details.ToByteArray());
        return Task.CompletedTask;
    }

    private static Task RefuseHttpAsync(HttpContext context, Refusal refusal)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(refusal.RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return context.Response.WriteAsJsonAsync(new { error = refusal.Reason });
    }
}
