using Microsoft.Extensions.Options;
using Mlops.Client.Calls;

namespace Mlops.Client;

/// <summary>Tells everything that is wrong with the options at once: at start where they are injected, else when a client is made of them.</summary>
internal sealed class InferenceClientOptionsCheck : IValidateOptions<InferenceClientOptions>
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1), Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Hour = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, InferenceClientOptions options)
    {
        var problems = Problems(options).Select(problem => $"{InferenceClientOptions.Section}:{problem}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <exception cref="OptionsValidationException">Something is wrong.</exception>
    public static InferenceClientOptions Require(InferenceClientOptions options)
    {
        var result = new InferenceClientOptionsCheck().Validate(null, options);
        return result.Succeeded ? options : throw new OptionsValidationException(Options.DefaultName, typeof(InferenceClientOptions), result.Failures);
    }

    private static IEnumerable<string> Problems(InferenceClientOptions options) =>
    [
        .. Replicas.Problems(options.Addresses),
        .. Between(nameof(options.DnsRefresh), options.DnsRefresh, Second, Hour),
        .. Between(nameof(options.Deadline), options.Deadline, Millisecond, Hour),
        .. Between(nameof(options.MaxAttempts), options.MaxAttempts, 1, 20),
        .. Between(nameof(options.InitialBackoff), options.InitialBackoff, Millisecond, Minute),
        .. Between(nameof(options.MaxBackoff), options.MaxBackoff, options.InitialBackoff, 10 * Minute),
        .. Between(nameof(options.MaxMessageBytes), options.MaxMessageBytes, 1024, int.MaxValue),
        .. Between(nameof(options.ConnectTimeout), options.ConnectTimeout, Millisecond, 5 * Minute),
        .. Between(nameof(options.KeepAliveDelay), options.KeepAliveDelay, Second, Hour),
        .. Between(nameof(options.KeepAliveTimeout), options.KeepAliveTimeout, Second, 5 * Minute),
        .. options.Columns.Where(model => model.Value.Distinct().Count() != model.Value.Length || model.Value.Any(string.IsNullOrWhiteSpace))
            .Select(model => $"Columns:{model.Key}: names that differ are accepted, got '{string.Join("', '", model.Value)}'"),
        .. options.CallCredentials is not null && !Replicas.AreSecure(options)
            ? ["CallCredentials: accepted with TLS only: https:// addresses, or UseTls with a dns:/// name"]
            : Array.Empty<string>(),
    ];

    private static string[] Between<T>(string field, T value, T lowest, T highest)
        where T : IComparable<T> =>
        value.CompareTo(lowest) >= 0 && value.CompareTo(highest) <= 0 ? [] : [$"{field}: {lowest} to {highest} is accepted, got {value}"];
}
