using System.Runtime.InteropServices;
using System.Text;

namespace Mlops.Tabular;

/// <summary>A column of texts as bytes that this process reads again: the number of levels, each level's length in UTF-8 and its bytes, then the codes.</summary>
internal static class ColumnBytes
{
    public static byte[] Of(CategoricalColumn column)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(column.Levels.Count);
        foreach (var level in column.Levels)
            writer.Write(level);
        writer.Write(MemoryMarshal.AsBytes(column.Codes));
        return bytes.ToArray();
    }

    public static CategoricalColumn Read(string name, byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var levels = new string[reader.ReadInt32()];
        for (var level = 0; level < levels.Length; level++)
            levels[level] = reader.ReadString();
        return new CategoricalColumn(name, MemoryMarshal.Cast<byte, int>(bytes.AsSpan((int)reader.BaseStream.Position)).ToArray(), levels);
    }
}
