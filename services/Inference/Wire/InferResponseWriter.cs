using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Mlops.Protos;

namespace Mlops.Inference.Wire;

/// <summary>Writes a ModelInferResponse; what each answer of a version repeats is made once.</summary>
public static class InferResponseWriter
{
    private const byte Id = 3 << 3 | 2, Outputs = 5 << 3 | 2, RawOutputContents = 6 << 3 | 2;
    private const byte ErrorMessage = 1 << 3 | 2, InferResponse = 2 << 3 | 2;
    private const byte Name = 1 << 3 | 2, Datatype = 2 << 3 | 2, Shape = 3 << 3 | 2;

    private static readonly ConditionalWeakTable<ServedVersion, byte[]> Origins = [];

    /// <summary>Writes the answer and gives its memory back.</summary>
    public static void Write(InferResponseMessage message, SerializationContext context)
    {
        using var result = message.Result;
        context.SetPayloadLength(Size(result, message.Id, out var origin));
        Write(result, message.Id, origin, context.GetBufferWriter());
        context.Complete();
    }

    /// <summary>Writes an answer of ModelStreamInfer, and gives its memory back.</summary>
    public static void Write(InferStreamMessage message, SerializationContext context)
    {
        using var result = message.Answer?.Result;
        if (result is null)
        {
            context.SetPayloadLength(Sized(Encoding.UTF8.GetByteCount(message.Error)));
            Put(context.GetBufferWriter(), ErrorMessage, message.Error);
        }
        else
        {
            var size = Size(result, message.Answer!.Id, out var origin);
            context.SetPayloadLength(Sized(size));
            Put(context.GetBufferWriter(), InferResponse, size);
            Write(result, message.Answer.Id, origin, context.GetBufferWriter());
        }

        context.Complete();
    }

    private static int Size(InferenceResult result, string id, out byte[] origin)
    {
        origin = Origins.GetValue(result.Version, MakeOrigin);
        var size = origin.Length + (id.Length > 0 ? Sized(Encoding.UTF8.GetByteCount(id)) : 0);
        foreach (ref readonly var output in result.Outputs.AsSpan())
            size = checked(size + Sized(TensorSize(output)) + Sized(output.Contents.Length));
        return size;
    }

    private static void Write(InferenceResult result, string id, byte[] origin, IBufferWriter<byte> writer)
    {
        writer.Write(origin);
        if (id.Length > 0)
            Put(writer, Id, id);
        foreach (ref readonly var output in result.Outputs.AsSpan())
        {
            Put(writer, Outputs, TensorSize(output));
            Put(writer, Name, output.Name);
            Put(writer, Datatype, output.Datatype.Name);
            Put(writer, Shape, ShapeSize(output.Shape));
            foreach (var dim in output.Shape)
                Put(writer, (ulong)dim);
        }

        foreach (ref readonly var output in result.Outputs.AsSpan())
        {
            Put(writer, RawOutputContents, output.Contents.Length);
            writer.Write(output.Contents.Span);
        }
    }

    /// <summary>The model's name and version, and what leads from one prediction back to its data.</summary>
    private static byte[] MakeOrigin(ServedVersion version)
    {
        var response = new ModelInferResponse { ModelName = version.Model, ModelVersion = version.Number };
        foreach (var (name, value) in version.Origin())
            response.Parameters.Add(name, new InferParameter { StringParam = value });
        return response.ToByteArray();
    }

    private static int TensorSize(in OutputTensor output) =>
        Sized(Encoding.UTF8.GetByteCount(output.Name)) + Sized(output.Datatype.Name.Length) + Sized(ShapeSize(output.Shape));

    private static int ShapeSize(long[] shape)
    {
        var size = 0;
        foreach (var dim in shape)
            size += CodedOutputStream.ComputeInt64Size(dim);
        return size;
    }

    /// <summary>A field with its tag, which has one byte, and its length.</summary>
    private static int Sized(int length) => 1 + CodedOutputStream.ComputeLengthSize(length) + length;

    private static void Put(IBufferWriter<byte> writer, byte tag, string text)
    {
        Put(writer, tag, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, writer);
    }

    private static void Put(IBufferWriter<byte> writer, byte tag, int length)
    {
        writer.GetSpan(1)[0] = tag;
        writer.Advance(1);
        Put(writer, (ulong)length);
    }

    private static void Put(IBufferWriter<byte> writer, ulong varint)
    {
        var span = writer.GetSpan(10);
        var size = 0;
        for (; varint >= 0x80; varint >>= 7)
            span[size++] = (byte)(varint | 0x80);
        span[size++] = (byte)varint;
        writer.Advance(size);
    }
}
