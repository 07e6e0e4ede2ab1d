using System.Buffers.Binary;
using Google.Protobuf;
using Mlops.Protos;
using InputTensor = Mlops.Protos.ModelInferRequest.Types.InferInputTensor;
using RequestedOutput = Mlops.Protos.ModelInferRequest.Types.InferRequestedOutputTensor;

namespace Mlops.Fuzz;

/// <summary>Requests to the gRPC front: as messages, as bytes, as frames, and as calls.</summary>
internal static class GrpcCases
{
    private const string Infer = "/inference.GRPCInferenceService/ModelInfer", Stream = "/inference.GRPCInferenceService/ModelStreamInfer";
    private static readonly long[] Dims = [0, 1, 2, 3, -1, -2, 7, int.MaxValue, (long)int.MaxValue + 1, uint.MaxValue, 1L << 32, 1L << 62, long.MaxValue, long.MinValue];
    private static readonly string[] Datatypes = ["FP32", "FP16", "BF16", "INT64", "BYTES", "BOOL", "UINT8", "fp32", "", "FP31", "\0"];

    public static FuzzCase Make(long number, FuzzModel model, Random random)
    {
        var raw = Bytes.Elements(model, model.Valid.Aggregate(1L, (product, dimension) => product * dimension), random);
        var request = new ModelInferRequest
        {
            ModelName = model.Name,
            Id = $"{number}",
            Inputs = { new InputTensor { Name = "x", Datatype = model.Datatype, Shape = { model.Valid } } },
            RawInputContents = { ByteString.CopyFrom(raw) },
        };
        var made = new FuzzCase { Number = number, Kind = "grpc valid", IsGrpc = true, Path = Infer, ContentType = "application/grpc", Body = Frame(request.ToByteArray()), Expected = raw };
        var what = random.Next(20);
        if (what == 0)
            return made;
        if (what < 11)
            for (var change = random.Next(1, 4); change > 0; change--)
                Change(request, model, random);
        var message = request.ToByteArray();
        if (what is >= 9 and < 16)
            for (var change = random.Next(1, 5); change > 0; change--)
                message = Bytes.Mutate(message, random);
        made = made with { Kind = what < 9 ? "grpc message" : what < 16 ? "grpc bytes" : "grpc call", Body = Frame(message), Expected = null };
        return what < 16 ? random.Next(12) == 0 ? Streamed(made, message, random) : made : Call(made, message, random);
    }

    private static void Change(ModelInferRequest request, FuzzModel model, Random random)
    {
        var input = request.Inputs.Count > 0 ? request.Inputs[random.Next(request.Inputs.Count)] : new InputTensor();
        switch (random.Next(16))
        {
            case 0 when input.Shape.Count > 0:
                input.Shape[random.Next(input.Shape.Count)] = Dims[random.Next(Dims.Length)];
                break;
            case 0 or 1:
                for (var more = random.Next(1, 9); more > 0; more--)
                    input.Shape.Add(Dims[random.Next(Dims.Length)]);
                break;
            case 2:
                input.Shape.Clear();
                break;
            case 3:
                input.Shape.Add(Enumerable.Repeat(1L, random.Next(1, 5_000)));
                break;
            case 4:
                input.Datatype = Datatypes[random.Next(Datatypes.Length)];
                break;
            case 5:
                input.Name = Text(random);
                break;
            case 6:
                request.Inputs.Add(input.Clone());
                break;
            case 7:
                request.Inputs.Clear();
                break;
            case 8:
                request.RawInputContents.Clear();
                break;
            case 9:
                request.RawInputContents.Add(ByteString.CopyFrom(Bytes.Elements(model, random.Next(0, 20), random)));
                break;
            case 10 when request.RawInputContents.Count > 0:
                request.RawInputContents[0] = ByteString.CopyFrom(Bytes.Mutate(request.RawInputContents[0].ToByteArray(), random));
                break;
            case 10 or 11:
                request.RawInputContents.Clear();
                input.Contents = Contents(random);
                break;
            case 12:
                for (var more = random.Next(1, 6); more > 0; more--)
                    request.Outputs.Add(new RequestedOutput { Name = random.Next(2) == 0 ? "y" : Text(random) });
                break;
            case 13:
                request.Parameters[new[] { "priority", "timeout", "routing_key", "sequence_id", "binary_data_output", "triton_x", "" }[random.Next(7)]] = Parameter(random);
                break;
            case 14:
                request.ModelName = Text(random);
                break;
            default:
                request.ModelVersion = Text(random);
                break;
        }
    }

    private static InferTensorContents Contents(Random random)
    {
        var contents = new InferTensorContents();
        for (var count = random.Next(0, 8); count > 0; count--)
            switch (random.Next(8))
            {
                case 0: contents.BoolContents.Add(true); break;
                case 1: contents.IntContents.Add(random.Next(2) == 0 ? int.MinValue : random.Next()); break;
                case 2: contents.Int64Contents.Add(Dims[random.Next(Dims.Length)]); break;
                case 3: contents.UintContents.Add(uint.MaxValue); break;
                case 4: contents.Uint64Contents.Add(ulong.MaxValue); break;
                case 5: contents.Fp32Contents.Add(new[] { float.NaN, float.PositiveInfinity, float.Epsilon, -0f, 1 }[random.Next(5)]); break;
                case 6: contents.Fp64Contents.Add(double.MinValue); break;
                default: contents.BytesContents.Add(ByteString.CopyFrom(0xff, 0xfe)); break;
            }
        return contents;
    }

    private static InferParameter Parameter(Random random) => random.Next(6) switch
    {
        0 => new InferParameter { BoolParam = true },
        1 => new InferParameter { Int64Param = Dims[random.Next(Dims.Length)] },
        2 => new InferParameter { StringParam = Text(random) },
        3 => new InferParameter { DoubleParam = double.NaN },
        4 => new InferParameter { Uint64Param = ulong.MaxValue },
        _ => new InferParameter(),
    };

    private static string Text(Random random) => random.Next(6) switch
    {
        0 => "",
        1 => "y",
        2 => new string('n', random.Next(1, 20_000)),
        3 => "\0\u0001\ud7ff\uffff",
        4 => "../../x",
        _ => $"{random.Next()}",
    };

    /// <summary>Several messages of one stream.</summary>
    private static FuzzCase Streamed(FuzzCase made, byte[] message, Random random) => made with
    {
        Kind = "grpc stream",
        Path = Stream,
        IsAborted = random.Next(3) == 0,
        Body = [.. Enumerable.Range(0, random.Next(1, 5)).SelectMany(_ => Frame(random.Next(2) == 0 ? message : Bytes.Mutate(message, random)))],
    };

    /// <summary>What surrounds the message: its prefix, and the call's headers.</summary>
    private static FuzzCase Call(FuzzCase made, byte[] message, Random random)
    {
        byte[] frame = [.. made.Body];
        switch (random.Next(8))
        {
            case 0:
                frame[0] = (byte)random.Next(1, 256);
                return made with { Body = frame, IsBrokenFrame = true };
            case 1:
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), random.Next(3) switch { 0 => uint.MaxValue, 1 => 0u, _ => (uint)random.Next(message.Length * 2) });
                return made with { Body = frame, IsBrokenFrame = true };
            case 2:
                return made with { Body = frame[..random.Next(frame.Length)], IsBrokenFrame = true };
            case 3:
                return made with { Body = [.. frame, .. frame], IsBrokenFrame = true };
            case 4:
                return made with { Headers = new() { ["grpc-encoding"] = new[] { "gzip", "deflate", "bogus", "identity", "" }[random.Next(5)] } };
            case 5:
                return made with { Headers = new() { ["grpc-timeout"] = new[] { "1S", "0n", "99999999H", "x", "-1S", "1000000000S" }[random.Next(6)] } };
            case 6:
                return made with { ContentType = new[] { "application/grpc+proto", "application/grpc+json", "application/json", "text/plain" }[random.Next(4)] };
            default:
                return made with { Path = new[] { "/inference.GRPCInferenceService/ModelReady", "/inference.GRPCInferenceService/ModelMetadata", "/inference.GRPCInferenceService/ModelConfig", "/inference.GRPCInferenceService/ModelStatistics", "/inference.GRPCInferenceService/Nothing" }[random.Next(5)] };
        }
    }

    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }
}
