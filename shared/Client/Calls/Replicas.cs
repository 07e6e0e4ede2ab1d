using Grpc.Net.Client.Balancer;

namespace Mlops.Client.Calls;

/// <summary>The addresses that stand in the options, and how the channel finds the replicas behind them.</summary>
internal static class Replicas
{
    private const string Accepted = "http://host:port or https://host:port for each replica, all with the same scheme, or one dns:///name:port";

    /// <summary>What is wrong with them.</summary>
    public static IEnumerable<string> Problems(IList<string> addresses)
    {
        if (addresses.Count == 0)
            yield return $"Addresses: none is given; accepted: {Accepted}";
        foreach (var address in addresses.Where(address => !IsAddress(address)))
            yield return $"Addresses: '{address}' is no address of a server; accepted: {Accepted}";
        if (addresses.Where(IsAddress).Select(address => new Uri(address).Scheme).Distinct().Count() > 1)
            yield return $"Addresses: their schemes differ; accepted: {Accepted}";
        if (addresses.Count > 1 && addresses.Where(IsAddress).All(IsName))
            yield return $"Addresses: {addresses.Count} names are given; accepted: {Accepted}";
    }

    /// <summary>Whether calls to them are encrypted.</summary>
    public static bool AreSecure(InferenceClientOptions options) =>
        options.Addresses.All(IsName) ? options.UseTls : options.Addresses.All(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase));

    /// <summary>What a channel is opened to, and what finds the replicas for it.</summary>
    public static (Uri Target, ResolverFactory Resolver) Find(InferenceClientOptions options) =>
        options.Addresses is [var only] && IsName(only)
            // Unless it is told to, the resolver asks again only when a connection breaks: a replica that is added would get no calls.
            ? (new Uri(only), new DnsResolverFactory(options.DnsRefresh))
            : (new Uri("static:///inference"), new StaticResolverFactory(_ => options.Addresses.Select(ToReplica)));

    private static BalancerAddress ToReplica(string address)
    {
        var uri = new Uri(address);
        return new BalancerAddress(uri.IdnHost, uri.Port);
    }

    private static bool IsAddress(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme switch
    {
        "http" or "https" => uri.Host.Length > 0 && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0,
        "dns" => uri.Host.Length == 0 && uri.AbsolutePath.Length > 1,
        _ => false,
    };

    private static bool IsName(string address) => address.StartsWith("dns:", StringComparison.OrdinalIgnoreCase);
}
