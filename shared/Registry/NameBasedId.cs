using System.Security.Cryptography;
using System.Text;

namespace Mlops.Registry;

/// <summary>Ids made of names (RFC 9562, version 8): the same name gives the same id, whoever asks.</summary>
internal static class NameBasedId
{
    public static Guid Of(FormattableString name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant(name)));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
