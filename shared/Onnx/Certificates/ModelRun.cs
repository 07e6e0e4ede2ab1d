using Mlops.Onnx.Format;

namespace Mlops.Onnx.Certificates;

/// <summary>Computes a model's outputs, as ONNX Runtime or another runtime does.</summary>
/// <param name="model">The bytes of an ONNX file.</param>
/// <param name="inputs">A tensor for each input of the graph, with its name.</param>
/// <returns>A tensor for each output that is compared, with its name; others are not looked at.</returns>
public delegate IReadOnlyList<TensorProto> ModelRun(byte[] model, IReadOnlyList<TensorProto> inputs);
