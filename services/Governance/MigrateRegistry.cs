using System.Data.Common;
using Microsoft.Extensions.Options;
using Mlops.Registry;

namespace Mlops.Governance;

/// <summary>The deploy step that brings the registry to this build's schema: <c>governance migrate</c>.</summary>
internal static class MigrateRegistry
{
    public static bool IsAskedFor(string[] args) => args is ["migrate", ..];

    /// <returns>The process's exit code.</returns>
    public static async Task<int> MigrateRegistryAsync(this WebApplication app, TextWriter output, TextWriter errors)
    {
        try
        {
            var applied = await app.Services.GetRequiredService<RegistrySchema>().MigrateAsync(app.Lifetime.ApplicationStopping);
            foreach (var migration in applied)
                await output.WriteLineAsync($"applied {migration}");
            await output.WriteLineAsync(applied.Count == 0 ? "nothing to apply: the registry has this build's schema" : "the registry has this build's schema now");
            return 0;
        }
        catch (Exception exception) when (exception is DbException or OptionsValidationException)
        {
            await errors.WriteLineAsync($"the registry was not migrated: {exception.Message}");
            return 1;
        }
    }
}
