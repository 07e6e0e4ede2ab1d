using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Mlops.Contracts;

namespace Mlops.Artifacts;

/// <summary>The SHA-256 of some bytes: their name in the store, in the registry and in events.</summary>
public readonly record struct ContentDigest
{
    /// <summary>Length of a digest in bytes; its text has twice as many digits.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    /// <summary>What is said of a text that is no digest, after the text.</summary>
    public const string Refusal = "is not a SHA-256; 64 lower-case hexadecimal digits are accepted";

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>A digest that was computed elsewhere.</summary>
    /// <param name="hash">The 32 bytes of a SHA-256.</param>
    public ContentDigest(ReadOnlySpan<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, Size);
        _high = BinaryPrimitives.ReadUInt128BigEndian(hash);
        _low = BinaryPrimitives.ReadUInt128BigEndian(hash[16..]);
    }

    /// <summary>The digest of <paramref name="content"/>.</summary>
    public static ContentDigest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(content, hash);
        return new ContentDigest(hash);
    }

    /// <summary>Reads the text that <see cref="ToString"/> writes, and no other spelling of it.</summary>
    /// <exception cref="Fault">Invalid: it is not 64 lower-case hexadecimal digits.</exception>
    public static ContentDigest Parse(string text) => TryParse(text, out var digest)
        ? digest
        : throw Fault.Invalid("digest", $"'{(text.Length > 80 ? text[..80] + "…" : text)}' {Refusal}");

    /// <summary>Reads the text that <see cref="ToString"/> writes; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ContentDigest digest)
    {
        digest = default;
        if (text is not { Length: 2 * Size } || text.Any(digit => !char.IsAsciiHexDigitLower(digit)))
            return false;
        digest = new ContentDigest(Convert.FromHexString(text));
        return true;
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToBytes()
    {
        var hash = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(hash, _high);
        BinaryPrimitives.WriteUInt128BigEndian(hash.AsSpan(16), _low);
        return hash;
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());

    /// <summary>What every store answers where there is nothing.</summary>
    internal Fault Absent() => Fault.NotFound("digest", $"no artifact is stored under {this}");
}
