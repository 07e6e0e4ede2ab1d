using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>What callers of either front are told about a failure: a fault's own text, and nothing about ours.</summary>
internal static class ErrorText
{
    /// <summary>Of a defect of ours, whatever it was.</summary>
    public const string Internal = "internal error";

    /// <summary>gRPC's status texts travel in a header, and a fault may quote a name of any length.</summary>
    private const int Longest = 2000;

    public static string Of(Fault fault) => fault.Message.Length <= Longest ? fault.Message : $"{fault.Message[..Longest]}…";
}
