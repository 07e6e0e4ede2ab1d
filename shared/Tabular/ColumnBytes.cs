using System.Runtime.InteropServices;
using System.Text;

namespace Mlops.Tabular;

/// <summary>
/// A column as bytes that this process reads again: numbers as they lie in memory; of texts the number of levels, each level's
/// length in UTF-8 and its bytes, then the codes.
/// </summary>
internal static class ColumnBytes
{
    public static byte[] Of(Column column)
    {
        if (column is NumericColumn numbers)
            return MemoryMarshal.AsBytes(numbers.Values).ToArray();
        var texts = (CategoricalColumn)column;
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(texts.Levels.Count);
        foreach (var level in texts.Levels)
            writer.Write(level);
        writer.Write(MemoryMarshal.AsBytes(texts.Codes));
        return bytes.ToArray();
    }

    public static Column Read(ColumnSchema schema, byte[] bytes)
    {
        if (schema.Type == ColumnType.Numeric)
            return new NumericColumn(schema.Name, MemoryMarshal.Cast<byte, double>(bytes).ToArray());
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var levels = new string[reader.ReadInt32()];
        for (var level = 0; level < levels.Length; level++)
            levels[level] = reader.ReadString();
        return new CategoricalColumn(schema.Name, MemoryMarshal.Cast<byte, int>(bytes.AsSpan((int)reader.BaseStream.Position)).ToArray(), levels);
    }
}
