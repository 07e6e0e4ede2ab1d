using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Mlops.Artifacts;

namespace Mlops.Testing;

/// <summary>
/// A real S3 server for tests: the one that <c>MLOPS_TEST_S3</c> names (<c>http://key:secret@host:port/bucket</c>), else a
/// private OpenStack Swift, which speaks S3, from Debian's packages. It checks signatures and the SHA-256 of what is sent,
/// and shows an object only when it is whole; it knows nothing of S3's newer checksum headers.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string Missing = "no S3 server: give one in MLOPS_TEST_S3, or install Debian's swift-proxy, swift-account, swift-container and swift-object (tests/run.sh does)";

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private readonly Func<Task> _stop;

    private S3Server(Uri address, Func<Task> stop) => (Address, _stop) = (address, stop);

    /// <summary>With access key, secret and bucket.</summary>
    public Uri Address { get; }

    /// <summary>Null where there is none: <see cref="Missing"/>.</summary>
    public static async Task<S3Server?> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_TEST_S3") is { Length: > 0 } given)
            return new S3Server(new Uri(given), () => Task.CompletedTask);
        return Swift.IsInstalled ? await StartPrivateAsync() : null;
    }

    public string Bucket => Address.AbsolutePath.Trim('/');

    /// <summary>A client of its own, for what a store cannot do: to look at the bucket and to damage what is in it.</summary>
    public AmazonS3Client Connect()
    {
        var options = Options("", "");
        return new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), new AmazonS3Config
        {
            ServiceURL = options.Endpoint,
            AuthenticationRegion = options.Region,
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        });
    }

    /// <summary>How a store reaches this server.</summary>
    /// <param name="prefix">Keeps one test's artifacts from another's.</param>
    /// <param name="spool">The store's folder for content on its way.</param>
    public S3Options Options(string prefix, string spool)
    {
        var user = Address.UserInfo.Split(':');
        return new S3Options
        {
            Endpoint = $"{Address.Scheme}://{Address.Authority}",
            Bucket = Bucket,
            AccessKey = Uri.UnescapeDataString(user[0]),
            SecretKey = Uri.UnescapeDataString(user[1]),
            Prefix = prefix,
            Spool = spool,
        };
    }

    public async ValueTask DisposeAsync() => await _stop();

    private static async Task<S3Server> StartPrivateAsync()
    {
        var folder = Servers.NewFolder("swift");
        var ports = await Swift.ConfigureAsync(folder);
        var processes = Swift.Commands(folder).Select(command => Servers.Start(command.File, command.Arguments)).ToList();
        foreach (var process in processes)
        {
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }
        using var http = new HttpClient();
        await Servers.UntilAsync(async () => processes.Find(process => process.HasExited) is { } ended
            ? throw new InvalidOperationException($"{ended.StartInfo.ArgumentList[0]} ended with {ended.ExitCode}")
            : await AllAnswerAsync(http, ports), LongestStart, "Swift's start");
        var server = new S3Server(new Uri($"http://{Uri.EscapeDataString(Swift.Key)}:{Swift.Secret}@127.0.0.1:{ports[0]}/mlops-tests"), async () =>
        {
            foreach (var process in processes)
                await EndAsync(process);
            Directory.Delete(folder, recursive: true);
        });
        using var client = server.Connect();
        await client.PutBucketAsync(server.Bucket);
        return server;
    }

    /// <summary>The proxy's health page says nothing of the servers behind it, so each is asked.</summary>
    private static async Task<bool> AllAnswerAsync(HttpClient http, int[] ports)
    {
        try
        {
            foreach (var port in ports)
                await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/healthcheck"));
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task EndAsync(Process process)
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
