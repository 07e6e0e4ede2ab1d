namespace Mlops.Testing;

/// <summary>How a private OpenStack Swift of one disk is set up: a proxy that speaks S3, and the three servers behind it.</summary>
internal static class Swift
{
    public const string Key = "test:tester";
    public const string Secret = "testing";

    private const string Binaries = "/usr/bin";
    private static readonly string[] Stores = ["account", "container", "object"];

    /// <summary>Where on the ring each store is: the one device there is.</summary>
    private const string MakeRings = """
        import sys
        from swift.common.ring import RingBuilder
        for store, port in (argument.split('=') for argument in sys.argv[2:]):
            builder = RingBuilder(1, 1, 0)
            builder.add_dev(dict(region=1, zone=1, ip='127.0.0.1', port=int(port), device='disk', weight=1.0, meta=''))
            builder.rebalance()
            builder.get_ring().save(f'{sys.argv[1]}/{store}.ring.gz')
        """;

    public static bool IsInstalled => Stores.Append("proxy").All(server => File.Exists(Program(server)));

    /// <summary>Writes the settings and rings of all four.</summary>
    /// <returns>The ports that they will listen on; the proxy's first.</returns>
    public static async Task<int[]> ConfigureAsync(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "disks", "disk"));
        int[] ports = [.. Enumerable.Range(0, Stores.Length + 1).Select(_ => Servers.FreePort())];
        await File.WriteAllTextAsync(Settings(folder, "proxy"), ProxySettings(folder, ports[0]));
        for (var i = 0; i < Stores.Length; i++)
            await File.WriteAllTextAsync(Settings(folder, Stores[i]), StoreSettings(folder, Stores[i], ports[i + 1]));
        await Servers.RunAsync($"{Binaries}/python3", ["-c", MakeRings, folder, .. Stores.Zip(ports.Skip(1), (store, port) => $"{store}={port}")]);
        return ports;
    }

    /// <summary>What starts each of the four.</summary>
    public static IEnumerable<(string File, string[] Arguments)> Commands(string folder) =>
        Stores.Append("proxy").Select(server => (Program(server), new[] { Settings(folder, server), "--verbose" }));

    private static string Program(string server) => $"{Binaries}/swift-{server}-server";

    private static string Settings(string folder, string server) => Path.Combine(folder, $"{server}.conf");

    private static string Common(string folder, int port) => $"""
        [DEFAULT]
        bind_ip = 127.0.0.1
        bind_port = {port}
        workers = 0
        user = {Environment.UserName}
        swift_dir = {folder}
        log_address = {folder}/no-syslog
        """;

    // The cache is asked for by the log-in filter, which does without when it is not there.
    private static string ProxySettings(string folder, int port) => $"""
        {Common(folder, port)}
        [pipeline:main]
        pipeline = catch_errors healthcheck cache s3api tempauth slo copy proxy-server
        [app:proxy-server]
        use = egg:swift#proxy
        account_autocreate = true
        allow_account_management = true
        [filter:catch_errors]
        use = egg:swift#catch_errors
        [filter:healthcheck]
        use = egg:swift#healthcheck
        [filter:cache]
        use = egg:swift#memcache
        memcache_servers = 127.0.0.1:1
        [filter:s3api]
        use = egg:swift#s3api
        location = us-east-1
        [filter:tempauth]
        use = egg:swift#tempauth
        user_{Key.Replace(':', '_')} = {Secret} .admin
        [filter:slo]
        use = egg:swift#slo
        [filter:copy]
        use = egg:swift#copy
        """;

    private static string StoreSettings(string folder, string store, int port) => $"""
        {Common(folder, port)}
        devices = {folder}/disks
        mount_check = false
        [pipeline:main]
        pipeline = healthcheck {store}-server
        [filter:healthcheck]
        use = egg:swift#healthcheck
        [app:{store}-server]
        use = egg:swift#{store}
        """;
}
