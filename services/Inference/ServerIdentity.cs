namespace Mlops.Inference;

/// <summary>How the protocol's metadata names this server.</summary>
internal static class ServerIdentity
{
    public const string Name = "mlops";

    /// <summary>The protocol's word for an ONNX model in ONNX Runtime.</summary>
    public const string Platform = "onnxruntime_onnx";
}
