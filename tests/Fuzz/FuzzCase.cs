namespace Mlops.Fuzz;

/// <summary>A request to send; made from the run's seed and its own number alone, so that it can be sent again.</summary>
internal sealed record FuzzCase
{
    /// <summary>Its number.</summary>
    public required long Number { get; init; }

    /// <summary>What was done, for who reads of a failure.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether it goes to the gRPC front.</summary>
    public required bool IsGrpc { get; init; }

    /// <summary>The method of HTTP.</summary>
    public string Method { get; init; } = "POST";

    /// <summary>Where to.</summary>
    public required string Path { get; init; }

    /// <summary>Beside what every request has.</summary>
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Its type.</summary>
    public required string ContentType { get; init; }

    /// <summary>What is sent.</summary>
    public required byte[] Body { get; init; }

    /// <summary>What a request that nothing was done to must be answered with: these bytes are in the answer. Null for all others.</summary>
    public byte[]? Expected { get; init; }

    /// <summary>Whether gRPC's own framing is broken, which its library answers as INTERNAL.</summary>
    public bool IsBrokenFrame { get; init; }

    /// <summary>Whether the caller hangs up.</summary>
    public bool IsAborted { get; init; }

    /// <summary>The case of that number.</summary>
    public static FuzzCase Of(int seed, long number)
    {
        // A generator for each case: SplitMix64's step keeps neighbours apart.
        var mixed = ((ulong)number + ((ulong)(uint)seed << 40) + 1) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        var random = new Random((int)((mixed ^ (mixed >> 27)) & int.MaxValue));
        var model = FuzzModel.All[random.Next(FuzzModel.All.Count)];
        return random.Next(10) < 6 ? GrpcCases.Make(number, model, random) : RestCases.Make(number, model, random);
    }
}
