using System.Security.Cryptography;
using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>Only bytes that are what the registry says they are get to serve.</summary>
internal static class ModelDigest
{
    /// <summary>Whether the version names what can be checked.</summary>
    public static void Require(ServedVersion version)
    {
        ResourceName.Require(version.Model, "model_name");
        if (version.Version < 1)
            throw Fault.Invalid("model_version", $"{version.Version} is not a version; accepted: 1 or more");
        if (version.Digest.Length != 2 * SHA256.HashSizeInBytes || !version.Digest.All(char.IsAsciiHexDigit))
            throw Fault.Invalid("digest", $"'{version.Digest}' is not a digest; accepted: 64 hexadecimal digits of a SHA-256");
    }

    /// <summary>Whether the bytes are the version's.</summary>
    public static void Verify(ServedVersion version, byte[] bytes)
    {
        var found = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (!found.Equals(version.Digest, StringComparison.OrdinalIgnoreCase))
            throw new Fault(FaultKind.Corrupt, "digest", $"the bytes of {version.Model} version {version.Version} have SHA-256 {found}; expected {version.Digest}");
    }
}
