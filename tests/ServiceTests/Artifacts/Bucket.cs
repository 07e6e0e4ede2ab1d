using Amazon.S3;
using Amazon.S3.Model;
using Mlops.Artifacts;
using Mlops.Testing;
using Xunit;

namespace Mlops.ServiceTests.Artifacts;

/// <summary>The S3 server of this test run, started when the first test needs it.</summary>
public sealed class S3Servers : IAsyncLifetime
{
    public S3Server? Server { get; private set; }

    public async ValueTask InitializeAsync() => Server = await S3Server.StartAsync();

    public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[CollectionDefinition(nameof(S3Collection))]
public sealed class S3Collection : ICollectionFixture<S3Servers>;

/// <summary>One test's part of the bucket and its own spool, both empty; and what a test needs to look into them.</summary>
public sealed class Bucket : IAsyncDisposable
{
    private static int _tests;
    private readonly S3Server _server;
    private readonly AmazonS3Client _client;
    private readonly List<S3ArtifactStore> _stores = [];
    private readonly string _prefix = $"tests/{Environment.ProcessId}-{Interlocked.Increment(ref _tests)}/";
    private readonly string _spool = Directory.CreateTempSubdirectory("mlops-spool-").FullName;

    public Bucket(S3Servers servers)
    {
        Assert.SkipWhen(servers.Server is null, S3Server.Missing);
        _server = servers.Server!;
        _client = _server.Connect();
    }

    public string Spool => _spool;

    public int ServerPort => _server.Address.Port;

    public string Endpoint => _server.Options("", "").Endpoint;

    /// <summary>A store on it.</summary>
    public S3ArtifactStore Open(Action<S3Options>? change = null)
    {
        var options = _server.Options(_prefix, _spool);
        change?.Invoke(options);
        var store = new S3ArtifactStore(options);
        _stores.Add(store);
        return store;
    }

    /// <summary>The keys of this test without their prefix, and the spooled files.</summary>
    public async Task<string[]> NamesAsync()
    {
        var found = await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _server.Bucket, Prefix = _prefix });
        return
        [
            .. (found.S3Objects ?? []).Select(item => item.Key[_prefix.Length..]),
            .. Directory.GetFiles(_spool).Select(file => $"spool/{Path.GetFileName(file)}"),
        ];
    }

    /// <summary>Uploads that were begun for this test and neither completed nor given up.</summary>
    public async Task<int> UnfinishedUploadsAsync() =>
        (await _client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _server.Bucket, Prefix = _prefix })).MultipartUploads?.Count ?? 0;

    public Task WriteAsync(ContentDigest digest, byte[] content) => _client.PutObjectAsync(new PutObjectRequest
    {
        BucketName = _server.Bucket,
        Key = $"{_prefix}sha256/{digest.ToString()[..2]}/{digest.ToString()[2..]}",
        InputStream = new MemoryStream(content),
        UseChunkEncoding = false,
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var name in await NamesAsync())
            await _client.DeleteObjectAsync(_server.Bucket, _prefix + name);
        _stores.ForEach(store => store.Dispose());
        _client.Dispose();
        Directory.Delete(_spool, recursive: true);
    }
}
