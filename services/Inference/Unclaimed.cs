using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>Extensions that callers ask for by a tensor's parameters and that would be answered wrongly if they were overlooked.</summary>
internal static class Unclaimed
{
    /// <summary>The parameters that ask for them.</summary>
    public static readonly string[] Parameters = ["shared_memory_region", "classification"];

    /// <summary>The parameter, if it is one of them.</summary>
    public static string? Find(string parameter) => Array.IndexOf(Parameters, parameter) >= 0 ? parameter : null;

    /// <summary>The extension is not offered.</summary>
    public static Fault Refusal(string field, string parameter) =>
        new(FaultKind.Unsupported, field, $"the extension of parameter '{parameter}' is not claimed by this server");
}
