using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mlops.Client;

/// <summary>Adds the client to a host.</summary>
public static class InferenceClientServices
{
    /// <summary>
    /// Adds one <see cref="InferenceClient"/> for the whole process. Its options come from the configuration section <c>InferenceClient</c> where there
    /// is one, and then from <paramref name="configure"/>; whatever is wrong with them is told at once, at start. What a token or certificate
    /// comes from is injected by <c>services.AddOptions&lt;InferenceClientOptions&gt;().Configure&lt;TService&gt;(…)</c>.
    /// </summary>
    /// <param name="services">The host's.</param>
    /// <param name="configure">Sets options in code.</param>
    public static IServiceCollection AddInferenceClient(this IServiceCollection services, Action<InferenceClientOptions>? configure = null)
    {
        var options = services.AddOptions<InferenceClientOptions>()
            .Configure<IServiceProvider>((bound, provider) => provider.GetService<IConfiguration>()?.GetSection(InferenceClientOptions.Section).Bind(bound));
        if (configure is not null)
            options.Configure(configure);
        options.ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<InferenceClientOptions>, InferenceClientOptionsCheck>());
        services.TryAddSingleton(provider => new InferenceClient(
            provider.GetRequiredService<IOptions<InferenceClientOptions>>().Value, provider.GetService<TimeProvider>(), provider.GetService<ILoggerFactory>()));
        return services;
    }
}
