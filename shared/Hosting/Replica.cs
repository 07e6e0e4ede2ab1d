namespace Mlops.Hosting;

/// <summary>Which process this is among those that run the same service.</summary>
/// <param name="Service">The service's name, such as <c>trainer</c>.</param>
/// <param name="Id">Unique among the processes that run now.</param>
public sealed record Replica(string Service, string Id)
{
    /// <summary>The replica of this process.</summary>
    public static Replica OfThisProcess(string service)
    {
        var host = new string([.. Environment.MachineName.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).Take(24)]);
        return new Replica(service, $"{host}-{Environment.ProcessId}");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Service}/{Id}";
}
