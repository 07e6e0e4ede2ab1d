using System.Numerics;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Mlops.Protos;
using Output = Mlops.Protos.ModelInferResponse.Types.InferOutputTensor;

namespace Mlops.Client.Mapping;

/// <summary>One output of an answer, read from raw contents, as most servers answer, or from typed ones.</summary>
internal abstract record OutputTensor
{
    /// <summary>The answer's output of that name; null where it has none.</summary>
    /// <exception cref="InferenceException">It is of another datatype, or not one that the protocol allows.</exception>
    public static OutputTensor? Find(ModelInferResponse response, string name, string datatype, int rows)
    {
        if (response.RawOutputContents.Count != 0 && response.RawOutputContents.Count != response.Outputs.Count)
            throw Malformed($"{response.RawOutputContents.Count} raw contents for {response.Outputs.Count} outputs");
        for (var index = 0; index < response.Outputs.Count; index++)
        {
            var output = response.Outputs[index];
            if (output.Name != name)
                continue;
            if (output.Datatype != datatype)
                throw Malformed($"{output.Datatype} as '{name}'");
            var raw = response.RawOutputContents.Count > 0 ? response.RawOutputContents[index].Memory : (ReadOnlyMemory<byte>?)null;
            if (datatype == Datatypes.Text)
                return OutputTensor<string>.Of(name, raw is null ? Texts.Read(output.Contents) : Texts.Read(raw.Value.Span, name), rows);
            return Datatypes.Make(datatype, new Numbers(output, raw, rows)) ?? throw Malformed($"{datatype} as '{name}'");
        }

        return null;
    }

    public static InferenceException Malformed(string found) => new(StatusCode.Internal, $"the server answered with {found}, which this client cannot read");

    private sealed class Numbers(Output output, ReadOnlyMemory<byte>? raw, int rows) : INumberFactory<OutputTensor>
    {
        public OutputTensor Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            if (raw is not { } bytes)
                return OutputTensor<T>.Of(output.Name, Typed<T>(), rows);
            return bytes.Length % Unsafe.SizeOf<T>() == 0
                ? OutputTensor<T>.Of(output.Name, LittleEndian.ReadAll<T>(bytes.Span), rows)
                : throw Malformed($"{bytes.Length} bytes of {output.Datatype} as '{output.Name}'");
        }

        private T[] Typed<T>()
            where T : INumber<T>
        {
            var contents = output.Contents ?? new InferTensorContents();
            return output.Datatype switch
            {
                Datatypes.Truth => [.. contents.BoolContents.Select(truth => truth ? T.One : T.Zero)],
                "INT64" => [.. contents.Int64Contents.Select(T.CreateChecked)],
                "UINT64" => [.. contents.Uint64Contents.Select(T.CreateChecked)],
                "FP32" => [.. contents.Fp32Contents.Select(T.CreateChecked)],
                "FP64" => [.. contents.Fp64Contents.Select(T.CreateChecked)],
                "UINT8" or "UINT16" or "UINT32" => [.. contents.UintContents.Select(T.CreateChecked)],
                _ => [.. contents.IntContents.Select(T.CreateChecked)],
            };
        }
    }
}

/// <summary>An output's elements, row after row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">All of them.</param>
/// <param name="Width">Elements a row.</param>
internal sealed record OutputTensor<T>(string Name, T[] Values, int Width) : OutputTensor
{
    /// <exception cref="InferenceException">The elements do not make full rows.</exception>
    public static OutputTensor<T> Of(string name, T[] values, int rows) =>
        rows == 0 ? new(name, [], 0)
        : values.Length > 0 && values.Length % rows == 0 ? new(name, values, values.Length / rows)
        : throw Malformed($"{values.Length} values of '{name}' for {rows} rows");

    /// <summary>A row's one element.</summary>
    /// <exception cref="InferenceException">It has more.</exception>
    public T One(int row) => Width == 1 ? Values[row] : throw Malformed($"{Width} values a row as '{Name}', where one is expected");

    /// <summary>A row's elements.</summary>
    public T[] All(int row) => Values.AsSpan(row * Width, Width).ToArray();
}
