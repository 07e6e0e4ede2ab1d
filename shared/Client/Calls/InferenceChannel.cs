using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Logging;

namespace Mlops.Client.Calls;

/// <summary>Opens the channel that the options describe: balanced over the replicas, and with connections that notice when they are dead.</summary>
internal static class InferenceChannel
{
    // gRPC's own is two minutes: so long would a replica that is there again get no calls.
    private static readonly TimeSpan LongestReconnect = TimeSpan.FromSeconds(5);

    public static GrpcChannel Open(InferenceClientOptions options, ILoggerFactory loggers)
    {
        var (target, resolver) = Replicas.Find(options);
        var sockets = Sockets(options);
        return GrpcChannel.ForAddress(target, new GrpcChannelOptions
        {
            HttpHandler = options.Handler is null ? sockets : options.Handler(sockets),
            DisposeHttpClient = true,
            Credentials = Credentials(options),
            LoggerFactory = loggers,
            MaxReceiveMessageSize = options.MaxMessageBytes,
            MaxSendMessageSize = options.MaxMessageBytes,
            InitialReconnectBackoff = options.InitialBackoff,
            MaxReconnectBackoff = LongestReconnect,
            ServiceProvider = new Resolvers(resolver),
            DisableResolverServiceConfig = true,
            ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } },
        });
    }

    private static SocketsHttpHandler Sockets(InferenceClientOptions options) => new()
    {
        EnableMultipleHttp2Connections = options.EnableMultipleHttp2Connections,
        ConnectTimeout = options.ConnectTimeout,
        // A pool that gives idle connections up makes the next call wait for a new one.
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        KeepAlivePingDelay = options.KeepAliveDelay,
        KeepAlivePingTimeout = options.KeepAliveTimeout,
        // Servers on gRPC's C++ core, such as Triton, hang up on who pings while nothing is asked.
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        // The balancer connects to the replicas itself, which a proxy in the environment would come between.
        UseProxy = false,
    };

    private static ChannelCredentials Credentials(InferenceClientOptions options)
    {
        if (!Replicas.AreSecure(options))
            return ChannelCredentials.Insecure;
        return options.CallCredentials is { } caller ? ChannelCredentials.Create(ChannelCredentials.SecureSsl, caller) : ChannelCredentials.SecureSsl;
    }

    /// <summary>The channel asks for its resolvers as for services.</summary>
    private sealed class Resolvers(ResolverFactory resolver) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(IEnumerable<ResolverFactory>) ? new[] { resolver } : null;
    }
}
