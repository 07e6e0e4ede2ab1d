using System.Buffers.Binary;

namespace Mlops.Fuzz;

/// <summary>Bytes that a request is made of, and what can be done to any bytes.</summary>
internal static class Bytes
{
    private static readonly byte[][] Nasty =
    [
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        [0xff, 0xff, 0xff, 0xff, 0x0f],
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
        [0x00], [0x07], [0x0b], [0x0c], [0xed, 0xa0, 0x80], [0xc0, 0x80], "\"}]"u8.ToArray(), "[[[[[[[["u8.ToArray(), "\\ud800"u8.ToArray(), "1e999"u8.ToArray(),
    ];

    /// <summary>The raw form of so many elements.</summary>
    public static byte[] Elements(FuzzModel model, long count, Random random)
    {
        if (model.ElementSize > 0)
        {
            var raw = new byte[count * model.ElementSize];
            random.NextBytes(raw);
            if (model.Datatype == "BOOL")
                for (var index = 0; index < raw.Length; index++)
                    raw[index] &= 1;
            return raw;
        }

        using var texts = new MemoryStream();
        for (var index = 0; index < count; index++)
        {
            var text = System.Text.Encoding.UTF8.GetBytes(new string((char)random.Next('a', 'z' + 1), random.Next(0, 6)));
            var length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
            texts.Write(length);
            texts.Write(text);
        }

        return texts.ToArray();
    }

    /// <summary>Flips, cuts, repeats, removes or inserts somewhere.</summary>
    public static byte[] Mutate(byte[] bytes, Random random)
    {
        if (bytes.Length == 0)
            return Nasty[random.Next(Nasty.Length)];
        var at = random.Next(bytes.Length);
        var length = random.Next(1, Math.Min(16, bytes.Length - at) + 1);
        switch (random.Next(6))
        {
            case 0:
                var flipped = (byte[])bytes.Clone();
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                var set = (byte[])bytes.Clone();
                random.NextBytes(set.AsSpan(at, length));
                return set;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 4:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            default:
                return [.. bytes[..at], .. Nasty[random.Next(Nasty.Length)], .. bytes[at..]];
        }
    }
}
