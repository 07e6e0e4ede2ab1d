using Google.Protobuf;
using Mlops.Contracts;
using Mlops.Protos;

namespace Mlops.Inference.Wire;

/// <summary>
/// Reads a ModelInferRequest straight into what the data plane takes: raw contents stay where they are in the message, and
/// names are strings that exist already. Half of what a generated message would cost goes away with it.
/// </summary>
public static class InferRequestReader
{
    /// <summary>More than any model has: an empty input is two bytes in a message, and twenty times as many in memory.</summary>
    private const int MostTensors = 65_536;

    /// <summary>The request, with its id. Its tensors lie in <paramref name="message"/>.</summary>
    /// <exception cref="Fault">It is not a message of the protocol.</exception>
    public static (InferenceRequest Request, string Id) Read(ReadOnlyMemory<byte> message, KnownNames names)
    {
        var buffer = message.Span;
        var (inputs, outputs, raw) = Count(buffer);
        if (raw > 0 && raw != inputs)
            throw Fault.Invalid("raw_input_contents", $"expected one entry for each of the {inputs} inputs, got {raw}");
        if (inputs > MostTensors || outputs > MostTensors)
            throw Fault.Invalid(inputs > MostTensors ? "inputs" : "outputs", $"expected at most {MostTensors}, got {Math.Max(inputs, outputs)}");
        var (hasRaw, tensors, wanted) = (raw > 0, new InputTensor[inputs], outputs == 0 ? [] : new string[outputs]);
        (inputs, outputs, raw) = (0, 0, 0);
        var (model, version, id) = ("", "", "");
        var parameters = default(RequestParameters);
        var reader = new ProtoReader(buffer);
        while (reader.TryField(out var field, out var type))
        {
            switch (field)
            {
                case 1:
                    model = reader.Text(type, names);
                    break;
                case 2:
                    version = reader.Text(type, names);
                    break;
                case 3:
                    id = reader.Text(type, names);
                    break;
                case 4:
                    var (name, value) = ReadParameter(buffer, reader.Bytes(type), names);
                    parameters = parameters.With(name, value);
                    break;
                case 5:
                    // Raw contents come behind the tensors in most messages, but need not.
                    var tensor = ReadTensor(message, reader.Bytes(type), names, hasRaw);
                    tensors[inputs] = hasRaw ? tensor with { Contents = tensors[inputs].Contents } : tensor;
                    inputs++;
                    break;
                case 6:
                    wanted[outputs++] = ReadOutput(buffer, reader.Bytes(type), names);
                    break;
                case 7:
                    tensors[raw] = tensors[raw] with { Contents = message.Slice(reader.Bytes(type)) };
                    raw++;
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (new InferenceRequest { Model = model, Version = version, Inputs = tensors, Outputs = wanted, Parameters = parameters }, id);
    }

    private static (int Inputs, int Outputs, int Raw) Count(ReadOnlySpan<byte> buffer)
    {
        var (inputs, outputs, raw) = (0, 0, 0);
        var reader = new ProtoReader(buffer);
        while (reader.TryField(out var field, out var type))
        {
            reader.Skip(type);
            inputs += field == 5 ? 1 : 0;
            outputs += field == 6 ? 1 : 0;
            raw += field == 7 ? 1 : 0;
        }

        return (inputs, outputs, raw);
    }

    private static InputTensor ReadTensor(ReadOnlyMemory<byte> message, Part part, KnownNames names, bool hasRaw)
    {
        var buffer = message.Span;
        var (name, datatype, shape) = ("", "", (long[])[]);
        List<long>? dims = null;
        InferTensorContents? contents = null;
        string? unclaimed = null;
        var reader = new ProtoReader(buffer, part);
        while (reader.TryField(out var field, out var type))
        {
            switch (field)
            {
                case 1:
                    name = reader.Text(type, names);
                    break;
                case 2:
                    datatype = reader.Text(type, names);
                    break;
                case 3 when type == WireType.Varint:
                    (dims ??= [.. shape]).Add((long)reader.Varint());
                    break;
                case 3 when shape.Length == 0 && dims is null:
                    shape = ReadPacked(buffer, reader.Bytes(type));
                    break;
                case 3:
                    (dims ??= [.. shape]).AddRange(ReadPacked(buffer, reader.Bytes(type)));
                    break;
                case 4:
                    unclaimed ??= Unclaimed.Find(ReadParameter(buffer, reader.Bytes(type), names).Name);
                    break;
                case 5:
                    // Rare among callers who care for speed, so the generated message does.
                    Merge(contents ??= new InferTensorContents(), buffer.Slice(reader.Bytes(type)));
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (unclaimed is not null)
            throw Unclaimed.Refusal($"inputs.{name}", unclaimed);
        if (hasRaw && contents is not null)
            throw Fault.Invalid($"inputs.{name}", "expected raw_input_contents or contents, got both");
        return new InputTensor(name, datatype, dims is null ? shape : [.. dims], TypedContents.ToRaw(name, datatype, contents));
    }

    private static string ReadOutput(ReadOnlySpan<byte> buffer, Part part, KnownNames names)
    {
        var name = "";
        string? unclaimed = null;
        var reader = new ProtoReader(buffer, part);
        while (reader.TryField(out var field, out var type))
        {
            if (field == 1)
                name = reader.Text(type, names);
            else if (field == 2)
                unclaimed ??= Unclaimed.Find(ReadParameter(buffer, reader.Bytes(type), names).Name);
            else
                reader.Skip(type);
        }

        return unclaimed is null ? name : throw Unclaimed.Refusal($"outputs.{name}", unclaimed);
    }

    /// <summary>An entry of a map of parameters: a message of a key and a value.</summary>
    private static (string Name, InferParameter Value) ReadParameter(ReadOnlySpan<byte> buffer, Part part, KnownNames names)
    {
        var (name, value) = ("", new InferParameter());
        var reader = new ProtoReader(buffer, part);
        while (reader.TryField(out var field, out var type))
        {
            if (field == 1)
                name = reader.Text(type, names);
            else if (field == 2)
                Merge(value, buffer.Slice(reader.Bytes(type)));
            else
                reader.Skip(type);
        }

        return (name, value);
    }

    private static long[] ReadPacked(ReadOnlySpan<byte> buffer, Part packed)
    {
        var count = 0;
        foreach (var octet in buffer.Slice(packed))
            count += octet < 0x80 ? 1 : 0;
        var shape = new long[count];
        var reader = new ProtoReader(buffer, packed);
        for (var index = 0; index < shape.Length; index++)
            shape[index] = (long)reader.Varint();
        return shape;
    }

    private static void Merge(IMessage message, ReadOnlySpan<byte> bytes)
    {
        try
        {
            message.MergeFrom(bytes);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw Fault.Invalid("", $"not a message that can be read: {malformed.Message}");
        }
    }
}
