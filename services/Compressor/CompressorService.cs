using Mlops.Hosting;

namespace Mlops.Compressor;

/// <summary>The compressor's features, for its own process or one that runs several services.</summary>
public static class CompressorService
{
    /// <summary>Adds compression.</summary>
    public static WebApplicationBuilder AddCompressor(this WebApplicationBuilder builder)
    {
        builder.Services.AddEventConsumer<AcceptCompression>();
        builder.Services.AddWork<RunCompression>();
        return builder;
    }
}
