using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Mlops.Inference.Admission;

/// <summary>Lets requests in as far as the limits allow. Who is refused costs next to nothing: nothing of the request has been read.</summary>
internal sealed class Gate
{
    /// <summary>Callers that are remembered before those are looked for that need not be.</summary>
    private const int ManyCallers = 10_000;

    private readonly ConcurrentDictionary<string, Caller> _callers = new();
    private readonly AdmissionOptions _options;
    private readonly TimeProvider _time;
    private readonly Counter<long> _shed;
    private int _underWay;

    public Gate(IOptions<InferenceOptions> options, TimeProvider time, IMeterFactory meters)
    {
        (_options, _time) = (options.Value.Admission, time);
        _shed = meters.Create("Mlops").CreateCounter<long>("mlops.inference.shed", "{request}", "Requests that were refused because of a limit.");
    }

    /// <summary>Whether anything is limited; where nothing is, nobody need ask.</summary>
    public bool IsLimiting => _options.IsAny;

    /// <summary>Who is asking.</summary>
    public string CallerOf(HttpContext context) =>
        _options.CallerHeader.Length > 0 && context.Request.Headers[_options.CallerHeader] is [{ Length: > 0 } named, ..] ? named : context.Connection.RemoteIpAddress?.ToString() ?? "";

    /// <summary>Lets a request in; <see cref="Leave"/> follows when it is over.</summary>
    /// <returns>Why not, or null.</returns>
    public Refusal? TryEnter(string name, out Caller? caller)
    {
        caller = null;
        if (Interlocked.Increment(ref _underWay) > _options.MaxConcurrentRequests && _options.MaxConcurrentRequests > 0)
            return Refuse(new Refusal("server-concurrency", $"{_options.MaxConcurrentRequests} requests are under way here, as many as may be", Refusal.Soon));
        var now = Now;
        while (true)
        {
            caller = _callers.GetOrAdd(name, static (_, made) => new Caller(made.Options, made.Now), (Options: _options.PerCaller, Now: now));
            if (caller.TryEnter(now, out var isForgotten) is { } refusal)
            {
                caller = null;
                return Refuse(refusal);
            }

            if (!isForgotten)
                return null;
            _callers.TryRemove(new KeyValuePair<string, Caller>(name, caller));
        }
    }

    /// <summary>A request is over.</summary>
    public void Leave(Caller caller)
    {
        Interlocked.Decrement(ref _underWay);
        caller.Leave();
        if (_callers.Count > ManyCallers)
            ForgetIdle();
    }

    private double Now => _time.GetTimestamp() / (double)_time.TimestampFrequency;

    private Refusal Refuse(Refusal refusal)
    {
        Interlocked.Decrement(ref _underWay);
        _shed.Add(1, new KeyValuePair<string, object?>("limit", refusal.Limit));
        return refusal;
    }

    private void ForgetIdle()
    {
        var now = Now;
        foreach (var entry in _callers)
        {
            if (entry.Value.TryForget(now))
                _callers.TryRemove(entry);
        }
    }
}
