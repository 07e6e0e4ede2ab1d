using System.Numerics;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Mlops.Client.Mapping;

/// <summary>Writes one input of a request, in the protocol's raw form, from rows.</summary>
internal abstract class TensorWriter<TRow>(TensorMetadata input)
{
    public TensorMetadata Input => input;

    /// <summary>The contents, and how many elements each row has.</summary>
    /// <exception cref="InferenceException">A row does not fit.</exception>
    public abstract (ByteString Contents, int Width) Write(IReadOnlyList<TRow> rows);
}

/// <summary>Numbers, one a column.</summary>
internal sealed class NumberWriter<TRow, T>(TensorMetadata input, IReadOnlyList<ColumnOf<TRow, T>> columns) : TensorWriter<TRow>(input)
    where T : unmanaged, INumber<T>
{
    private readonly ColumnOf<TRow, T>[] _columns = [.. columns];

    public override (ByteString Contents, int Width) Write(IReadOnlyList<TRow> rows)
    {
        var bytes = new byte[checked(rows.Count * _columns.Length * Unsafe.SizeOf<T>())];
        var rest = bytes.AsSpan();
        for (var row = 0; row < rows.Count; row++)
        {
            foreach (var column in _columns)
            {
                LittleEndian.Write(rest, column.Read(rows, row));
                rest = rest[Unsafe.SizeOf<T>()..];
            }
        }

        return (UnsafeByteOperations.UnsafeWrap(bytes), _columns.Length);
    }
}

/// <summary>Texts, one a column: each with its length before it.</summary>
internal sealed class TextWriter<TRow>(TensorMetadata input, IReadOnlyList<ColumnOf<TRow, string>> columns) : TensorWriter<TRow>(input)
{
    public override (ByteString Contents, int Width) Write(IReadOnlyList<TRow> rows)
    {
        var bytes = new MemoryStream();
        for (var row = 0; row < rows.Count; row++)
            foreach (var column in columns)
                Texts.Write(bytes, column.Read(rows, row));
        return (Texts.ToContents(bytes), columns.Count);
    }
}

/// <summary>Numbers of which a property holds a whole row's.</summary>
internal sealed class NumbersWriter<TRow, T>(TensorMetadata input, ColumnOf<TRow, IReadOnlyList<T>?> column) : TensorWriter<TRow>(input)
    where T : unmanaged, INumber<T>
{
    public override (ByteString Contents, int Width) Write(IReadOnlyList<TRow> rows)
    {
        var width = RowWidth.Of(Input, rows, column);
        var bytes = new byte[checked(rows.Count * width * Unsafe.SizeOf<T>())];
        var rest = bytes.AsSpan();
        for (var row = 0; row < rows.Count; row++)
        {
            LittleEndian.WriteAll(rest, RowWidth.Require(width, rows, row, column));
            rest = rest[(width * Unsafe.SizeOf<T>())..];
        }

        return (UnsafeByteOperations.UnsafeWrap(bytes), width);
    }
}

/// <summary>Texts of which a property holds a whole row's.</summary>
internal sealed class TextsWriter<TRow>(TensorMetadata input, ColumnOf<TRow, IReadOnlyList<string>?> column) : TensorWriter<TRow>(input)
{
    public override (ByteString Contents, int Width) Write(IReadOnlyList<TRow> rows)
    {
        var width = RowWidth.Of(Input, rows, column);
        var bytes = new MemoryStream();
        for (var row = 0; row < rows.Count; row++)
            foreach (var text in RowWidth.Require(width, rows, row, column))
                Texts.Write(bytes, text ?? "");
        return (Texts.ToContents(bytes), width);
    }
}
