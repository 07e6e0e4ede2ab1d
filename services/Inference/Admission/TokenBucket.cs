namespace Mlops.Inference.Admission;

/// <summary>
/// What is left of a rate: it fills evenly, and each request takes one. Pure; the framework's own limiter knows no clock but its
/// own, and allocates for each request.
/// </summary>
/// <param name="Tokens">How many requests are left.</param>
/// <param name="At">When that was, in seconds.</param>
public readonly record struct TokenBucket(double Tokens, double At)
{
    /// <summary>Takes one.</summary>
    /// <param name="rate">Requests a second.</param>
    /// <param name="burst">Most that it holds.</param>
    /// <param name="now">In seconds; never before <see cref="At"/>.</param>
    /// <returns>What is left then, and zero; or what is left as it is, and how long until there is one.</returns>
    public (TokenBucket Left, TimeSpan Wait) Take(double rate, double burst, double now)
    {
        var filled = Math.Min(burst, Tokens + ((now - At) * rate));
        return filled >= 1
            ? (new TokenBucket(filled - 1, now), TimeSpan.Zero)
            : (new TokenBucket(filled, now), TimeSpan.FromSeconds((1 - filled) / rate));
    }
}
