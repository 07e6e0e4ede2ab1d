using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Mlops.Inference.Admission;

/// <summary>How many requests a replica lets in; what is more is refused at once, before it is read. 0 sets no limit.</summary>
public sealed class AdmissionOptions
{
    /// <summary>Most requests under way at once, everybody's together.</summary>
    [Range(0, 1_000_000)]
    public int MaxConcurrentRequests { get; set; }

    /// <summary>What each caller may have.</summary>
    [ValidateObjectMembers]
    public CallerOptions PerCaller { get; set; } = new();

    /// <summary>The header that names a caller, where something trusted sets it; empty goes by the remote address.</summary>
    public string CallerHeader { get; set; } = "";

    /// <summary>
    /// How long a replica that is told to leave goes on taking requests, in seconds, while it says that it is not ready: as long as
    /// balancers take to notice.
    /// </summary>
    [Range(0, 600)]
    public int DrainDelaySeconds { get; set; }

    /// <summary>Whether anything is limited.</summary>
    internal bool IsAny => MaxConcurrentRequests > 0 || PerCaller.MaxConcurrentRequests > 0 || PerCaller.RequestsPerSecond > 0;
}

/// <summary>What one caller may have.</summary>
public sealed class CallerOptions
{
    /// <summary>Most requests under way at once.</summary>
    [Range(0, 1_000_000)]
    public int MaxConcurrentRequests { get; set; }

    /// <summary>Requests a second, on average.</summary>
    [Range(0, 10_000_000.0)]
    public double RequestsPerSecond { get; set; }

    /// <summary>Requests at once after a pause; 0 takes a second's.</summary>
    [Range(0, 10_000_000)]
    public int Burst { get; set; }
}
