using System.ComponentModel.DataAnnotations;

namespace Mlops.Hosting;

/// <summary>What carries the events.</summary>
public enum BusTransport
{
    /// <summary>Within the process: the embedded default. Events that a kill takes with it are sent again from the registry.</summary>
    InMemory,

    /// <summary>RabbitMQ, with quorum queues and publisher confirms.</summary>
    RabbitMq,
}

/// <summary>Where events go. Configuration section <c>Bus</c>.</summary>
public sealed class BusOptions
{
    /// <summary>What carries the events.</summary>
    public BusTransport Transport { get; set; } = BusTransport.InMemory;

    /// <summary>RabbitMQ's host name.</summary>
    [Required]
    public string Host { get; set; } = "localhost";

    /// <summary>RabbitMQ's port.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 5672;

    /// <summary>RabbitMQ's virtual host.</summary>
    [Required]
    public string VirtualHost { get; set; } = "/";

    /// <summary>RabbitMQ's user.</summary>
    [Required]
    public string Username { get; set; } = "guest";

    /// <summary>The user's password.</summary>
    [Required]
    public string Password { get; set; } = "guest";
}
