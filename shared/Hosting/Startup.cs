using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mlops.Hosting;

/// <summary>Runs a service, once its settings are known to be right.</summary>
public static class Startup
{
    /// <summary>Runs until it is stopped. Settings that are wrong are told all at once, without a stack, before anything begins.</summary>
    /// <returns>The process's exit status.</returns>
    public static async Task<int> RunMlopsAsync(this WebApplication app)
    {
        var failures = FailuresOf(app.Services.GetRequiredService<IStartupValidator>());
        foreach (var failure in failures)
            await Console.Error.WriteLineAsync($"configuration: {failure}");
        if (failures.Count > 0)
            return 1;
        await app.RunAsync();
        return 0;
    }

    private static List<string> FailuresOf(IStartupValidator settings)
    {
        try
        {
            settings.Validate();
            return [];
        }
        catch (OptionsValidationException one)
        {
            return [.. one.Failures];
        }
        catch (AggregateException several)
        {
            return [.. several.InnerExceptions.OfType<OptionsValidationException>().SelectMany(exception => exception.Failures)];
        }
    }
}
