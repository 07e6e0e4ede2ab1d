using System.Text.RegularExpressions;
using Mlops.Contracts;

namespace Mlops.Artifacts;

/// <summary>A bucket and how to reach it. Configuration section <c>Artifacts:S3</c>.</summary>
public sealed partial class S3Options
{
    private const int MiB = 1 << 20;

    /// <summary>Such as <c>https://minio.example:9000</c>; empty for AWS, whose endpoint the region tells.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>The region that requests are signed for. Servers other than AWS's mostly take any.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>The bucket, which must be there. A lifecycle rule of it should remove uploads that were not completed.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>What every key begins with, up to a slash, which is added; nothing unless given.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Whether the bucket stands in the path and not in the host's name. Unless given: wherever there is an endpoint.</summary>
    public bool? PathStyle { get; set; }

    /// <summary>Access key; with neither key nor secret the SDK looks for credentials where it always does.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>The access key's secret.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>Folder for content on its way to the bucket; unless given, one in the system's temporary folder.</summary>
    public string Spool { get; set; } = Path.Combine(Path.GetTempPath(), "mlops-spool");

    /// <summary>The largest artifact in bytes, so that no writer fills the spool's disk: up to 5 TiB, S3's own limit.</summary>
    public long MaxBytes { get; set; } = 64L << 30;

    /// <summary>What is larger is sent in parts of this many bytes, or larger ones where more than 10 000 would be needed: 5 MiB to 5 GiB.</summary>
    public long PartBytes { get; set; } = 64 * MiB;

    /// <summary>Longest wait for one answer, a part's upload included, and for the next bytes of a download.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How messages name the service.</summary>
    internal string Service => Endpoint.Length > 0 ? Endpoint : $"S3 in {Region}";

    /// <summary>Everything that is wrong; never with a secret in it.</summary>
    internal IEnumerable<Problem> Problems()
    {
        if (Endpoint.Length > 0 && !EndpointPattern.IsMatch(Endpoint))
            yield return new Problem(nameof(Endpoint), "http:// or https:// with a host and perhaps a port is accepted, or nothing for AWS.");
        if (string.IsNullOrWhiteSpace(Region))
            yield return new Problem(nameof(Region), "The Region field is required.");
        if (!BucketPattern.IsMatch(Bucket))
            yield return new Problem(nameof(Bucket), $"'{Bucket}' names no bucket; 3 to 63 lower-case letters, digits, dots and hyphens are accepted.");
        if (!PrefixPattern.IsMatch(Prefix))
            yield return new Problem(nameof(Prefix), $"'{Prefix}' is no prefix; letters, digits, '.', '_' and '-' with single slashes between them are accepted, or nothing.");
        if (AccessKey.Length == 0 != (SecretKey.Length == 0))
            yield return new Problem(AccessKey.Length == 0 ? nameof(AccessKey) : nameof(SecretKey), "AccessKey and SecretKey are accepted together, or neither.");
        if (Spool.Length == 0)
            yield return new Problem(nameof(Spool), "The Spool field is required.");
        if (MaxBytes is < 1 or > 5L << 40)
            yield return new Problem(nameof(MaxBytes), $"The field MaxBytes must be between 1 and {5L << 40}.");
        if (PartBytes is < 5 * MiB or > 5L << 30)
            yield return new Problem(nameof(PartBytes), $"The field PartBytes must be between {5 * MiB} and {5L << 30}.");
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromHours(1))
            yield return new Problem(nameof(Timeout), "The field Timeout must be between 00:00:01 and 01:00:00.");
    }

    [GeneratedRegex(@"^https?://[A-Za-z0-9.\-\[\]:]+/?\z")]
    private static partial Regex EndpointPattern { get; }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketPattern { get; }

    [GeneratedRegex(@"^(?:[A-Za-z0-9._\-]+(?:/[A-Za-z0-9._\-]+)*/?)?\z")]
    private static partial Regex PrefixPattern { get; }
}
