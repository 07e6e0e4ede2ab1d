using System.ComponentModel.DataAnnotations;

namespace Mlops.Hosting;

/// <summary>Where the process listens. Configuration section <c>Listen</c>.</summary>
public sealed class ListenOptions
{
    /// <summary>The address; only this machine can reach the default.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>HTTP/1.1: APIs, pages, health. 0 takes any free port.</summary>
    [Range(0, 65535)]
    public int Http { get; set; }

    /// <summary>HTTP/2 without TLS: gRPC. 0 takes any free port; null listens to none.</summary>
    [Range(0, 65535)]
    public int? Grpc { get; set; }
}
