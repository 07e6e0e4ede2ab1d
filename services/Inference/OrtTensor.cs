using Microsoft.ML.OnnxRuntime;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>Between the protocol's raw form and ONNX Runtime's tensors. Both are little-endian here, so numbers are copied as they are.</summary>
internal static class OrtTensor
{
    /// <summary>A tensor with checked contents; the caller disposes it.</summary>
    public static OrtValue Make(TensorDatatype datatype, in InputTensor tensor)
    {
        if (datatype.IsBytes)
            return MakeStrings(tensor);
        // ONNX Runtime's own memory: always aligned, whatever buffer the contents are a part of.
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, datatype.ElementType, tensor.Shape);
        if (!tensor.Contents.IsEmpty)
            tensor.Contents.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    /// <summary>A copy of a tensor that the model gave.</summary>
    public static OutputTensor Read(string name, OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var datatype = TensorDatatype.Find(info.ElementDataType)!;
        var contents = info.ElementCount == 0 ? [] : datatype.IsBytes ? ReadStrings(value, info.ElementCount) : value.GetTensorMutableRawData().ToArray();
        return new OutputTensor(name, datatype, info.Shape, contents);
    }

    private static OrtValue MakeStrings(in InputTensor tensor)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape);
        var rest = tensor.Contents.Span;
        for (var element = 0; !rest.IsEmpty; element++)
            value.StringTensorSetElementAt(BytesTensor.Take(ref rest), element);
        return value;
    }

    private static byte[] ReadStrings(OrtValue value, long elements)
    {
        long size = 0;
        for (var element = 0; element < elements; element++)
            size += BytesTensor.Size(value.GetStringElementAsSpan(element).Length);
        var contents = new byte[size];
        var rest = contents.AsSpan();
        for (var element = 0; element < elements; element++)
            BytesTensor.Put(ref rest, value.GetStringElementAsSpan(element));
        return contents;
    }
}
