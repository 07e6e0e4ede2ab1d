using Grpc.Core;

namespace Mlops.Client;

/// <summary>
/// Where the servers are, and how long and how often a client tries. Configuration section <c>InferenceClient</c>; times are
/// written as <c>00:00:02.5</c> there.
/// </summary>
public sealed class InferenceClientOptions
{
    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "InferenceClient";

    /// <summary>
    /// The replicas, which calls go round: <c>http://a:8001</c>, <c>http://b:8001</c> …, or all of them <c>https://</c>. Or one name
    /// that stands for all replicas, such as a headless service's: <c>dns:///inference:8001</c>.
    /// </summary>
    public IList<string> Addresses { get; } = [];

    /// <summary>Whether the replicas of a <c>dns:///</c> name speak TLS; other addresses say it themselves. Default false.</summary>
    public bool UseTls { get; set; }

    /// <summary>How often a <c>dns:///</c> name is asked again, so that new replicas are found: 1 s to 1 h. Default 30 s.</summary>
    public TimeSpan DnsRefresh { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a call may take, all attempts and the waits between them together, unless the call says otherwise: 1 ms to 1 h.
    /// Default 30 s, which leaves time to try another replica after a dead connection was noticed.
    /// </summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a call is tried, the first time included: 1 to 20. Default 5; 1 never tries again.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>
    /// The longest wait before the second attempt; it doubles with each one, and the wait itself is drawn evenly from nothing up to it,
    /// so that clients do not come back together: 1 ms to 1 min. Default 100 ms.
    /// </summary>
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Where that doubling ends: <see cref="InitialBackoff"/> to 10 min. Default 2 s.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Largest message in bytes, sent or received: 1 KiB to 2 GiB − 1. Default 64 MiB, the limit of our server; gRPC's own is 4 MiB.</summary>
    public int MaxMessageBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Whether another connection to a replica is opened where one carries as many calls at a time as the server allows it
    /// (100 by Kestrel's default), instead of letting calls wait. Default true.
    /// </summary>
    public bool EnableMultipleHttp2Connections { get; set; } = true;

    /// <summary>How long a connection may take to be made: 1 ms to 5 min. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After how long a silence a connection with calls under way is asked whether it still lives (an HTTP/2 ping): 1 s to 1 h.
    /// Default 10 s.
    /// </summary>
    public TimeSpan KeepAliveDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long such a question may go unanswered before the connection counts as dead: 1 s to 5 min. Default 5 s.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// By a model's name, the columns of its one input in order. Needed where rows are mapped by name to a model that takes all numbers in one
    /// tensor, by a server that does not tell their order; what a server tells stands above it.
    /// </summary>
    public IDictionary<string, string[]> Columns { get; } = new Dictionary<string, string[]>();

    /// <summary>
    /// Changes how connections are made: give back the handler after setting it (client certificates, trusted roots), or a
    /// <see cref="DelegatingHandler"/> around it. Balancing over replicas needs its <see cref="SocketsHttpHandler.ConnectCallback"/> left alone.
    /// </summary>
    public Func<SocketsHttpHandler, HttpMessageHandler>? Handler { get; set; }

    /// <summary>What proves each call's caller, such as a token in its headers; needs TLS, without which it would be told to everybody.</summary>
    public CallCredentials? CallCredentials { get; set; }
}
