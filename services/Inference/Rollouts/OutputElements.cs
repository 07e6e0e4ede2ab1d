using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Mlops.Inference.Rollouts;

/// <summary>The elements of an output one by one: numbers of floating point, or categories.</summary>
public readonly struct OutputElements
{
    private readonly OutputTensor _output;
    private readonly int[] _begins;

    private OutputElements(in OutputTensor output, int[] begins) => (_output, _begins) = (output, begins);

    /// <summary>Whether they are numbers of floating point.</summary>
    public bool IsNumber => _output.Datatype.Name is "FP16" or "BF16" or "FP32" or "FP64";

    /// <summary>How many there are.</summary>
    public int Count => _output.Datatype.IsBytes ? _begins.Length : _output.Contents.Length / _output.Datatype.ElementSize;

    public static OutputElements Of(in OutputTensor output) => new(output, output.Datatype.IsBytes ? Begins(output.Contents.Span) : []);

    /// <summary>An element that is a number.</summary>
    public double Number(int index) => _output.Datatype.Name switch
    {
        "FP16" => (double)BinaryPrimitives.ReadHalfLittleEndian(At(index)),
        // The upper half of a number of 32 bits.
        "BF16" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(At(index)) << 16),
        "FP32" => BinaryPrimitives.ReadSingleLittleEndian(At(index)),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(At(index)),
    };

    /// <summary>An element that is a category.</summary>
    public string Category(int index) => _output.Datatype.Name switch
    {
        "BYTES" => Text(index),
        "BOOL" => At(index)[0] == 0 ? "false" : "true",
        "UINT64" => BinaryPrimitives.ReadUInt64LittleEndian(At(index)).ToString(CultureInfo.InvariantCulture),
        _ => Whole(index).ToString(CultureInfo.InvariantCulture),
    };

    private long Whole(int index) => _output.Datatype.Name switch
    {
        "INT8" => (sbyte)At(index)[0],
        "UINT8" => At(index)[0],
        "INT16" => BinaryPrimitives.ReadInt16LittleEndian(At(index)),
        "UINT16" => BinaryPrimitives.ReadUInt16LittleEndian(At(index)),
        "INT32" => BinaryPrimitives.ReadInt32LittleEndian(At(index)),
        "UINT32" => BinaryPrimitives.ReadUInt32LittleEndian(At(index)),
        _ => BinaryPrimitives.ReadInt64LittleEndian(At(index)),
    };

    private string Text(int index)
    {
        var rest = _output.Contents.Span[_begins[index]..];
        return Encoding.UTF8.GetString(BytesTensor.Take(ref rest));
    }

    private ReadOnlySpan<byte> At(int index) => _output.Contents.Span[(index * _output.Datatype.ElementSize)..];

    private static int[] Begins(ReadOnlySpan<byte> contents)
    {
        var begins = new List<int>();
        var rest = contents;
        while (!rest.IsEmpty)
        {
            begins.Add(contents.Length - rest.Length);
            BytesTensor.Take(ref rest);
        }

        return [.. begins];
    }
}
