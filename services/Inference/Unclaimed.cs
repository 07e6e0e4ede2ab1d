using Google.Protobuf.Collections;
using Grpc.Core;
using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>Extensions that callers ask for by a tensor's parameters and that would be answered wrongly if they were overlooked.</summary>
internal static class Unclaimed
{
    private static readonly string[] Parameters = ["shared_memory_region", "classification"];

    /// <exception cref="RpcException">UNIMPLEMENTED: one of them is asked for.</exception>
    public static void Refuse(string field, MapField<string, InferParameter> parameters)
    {
        if (parameters.Count == 0)
            return;
        foreach (var parameter in Parameters)
        {
            if (parameters.ContainsKey(parameter))
                throw new RpcException(new Status(StatusCode.Unimplemented, $"{field}: the extension of parameter '{parameter}' is not claimed by this server"));
        }
    }
}
