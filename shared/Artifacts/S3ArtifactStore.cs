using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Mlops.Artifacts;

/// <summary>
/// Artifacts in a bucket: <c>{prefix}sha256/ab/cdef…</c>, where ab are the first two digits.
/// The key is known only when the last byte is, so content is spooled to a local file first. Then it is put under its key at
/// once, or in parts that become an object together: S3 shows an object whole or not at all, so neither a cut connection nor
/// a killed process leaves anything under the key. (A temporary object and a copy would say no more, and cost another
/// request, a second limit of 5 GiB and litter.) An object of that key is replaced: it holds the same bytes, unless it was
/// damaged, which mends it.
/// </summary>
public sealed class S3ArtifactStore : IArtifactStore, IDisposable
{
    private readonly S3Options _options;
    private readonly TemporaryFiles _spool;
    private readonly AmazonS3Client _client;
    private readonly S3Requests _requests;
    private readonly S3Upload _upload;

    /// <summary>A store in a bucket. Nothing is asked of the service yet.</summary>
    /// <param name="options">Where the bucket is.</param>
    /// <param name="time">Decides which spooled files a killed process has left behind; the system's unless given.</param>
    public S3ArtifactStore(S3Options options, TimeProvider? time = null)
    {
        _options = options;
        _spool = new TemporaryFiles(options.Spool, time ?? TimeProvider.System);
        _client = Connect(options);
        _requests = new S3Requests(options);
        _upload = new S3Upload(_client, _requests, options);
    }

    /// <inheritdoc/>
    public Task<StoredArtifact> PutAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        _spool.PassAsync(write, toDisk: false, (path, artifact) => _upload.SendAsync(path, artifact, KeyOf(artifact.Digest), cancellationToken), _options.MaxBytes, cancellationToken);

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(ContentDigest digest, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = _options.Bucket, Key = KeyOf(digest) };
        var response = await _requests.AskAsync(
            async stop => await IfThereAsync(() => _client.GetObjectAsync(request, stop)), cancellationToken) ?? throw digest.Absent();
        return new VerifyingStream(new S3ReadStream(response, _requests), digest);
    }

    /// <inheritdoc/>
    public async Task<bool> ExistsAsync(ContentDigest digest, CancellationToken cancellationToken)
    {
        var request = new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = KeyOf(digest) };
        if (await _requests.AskAsync(async stop => await IfThereAsync(() => _client.GetObjectMetadataAsync(request, stop)), cancellationToken) is not null)
            return true;
        // An answer without a body cannot say which of the two is missing, the object or the bucket.
        var bucket = new HeadBucketRequest { BucketName = _options.Bucket };
        return await _requests.AskAsync(async stop => await IfThereAsync(() => _client.HeadBucketAsync(bucket, stop)), cancellationToken) is null
            ? throw _requests.NoBucket()
            : false;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static AmazonS3Client Connect(S3Options options)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle ?? options.Endpoint.Length > 0,
            // The SDK's own checksums need an encoding that not every server reads; S3Upload gives ours as a plain header.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            DisableLogging = true,
        };
        if (options.Endpoint.Length > 0)
            (config.ServiceURL, config.AuthenticationRegion) = (options.Endpoint, options.Region);
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        return options.AccessKey.Length > 0
            ? new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config)
            : new AmazonS3Client(config);
    }

    private static async Task<T?> IfThereAsync<T>(Func<Task<T>> request)
        where T : class
    {
        try
        {
            return await request();
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound && exception.ErrorCode != S3Requests.NoSuchBucket)
        {
            return null;
        }
    }

    private string KeyOf(ContentDigest digest)
    {
        var digits = digest.ToString();
        var prefix = _options.Prefix.TrimEnd('/');
        return $"{prefix}{(prefix.Length > 0 ? "/" : "")}sha256/{digits[..2]}/{digits[2..]}";
    }
}
