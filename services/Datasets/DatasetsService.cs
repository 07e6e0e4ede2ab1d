using Scalar.AspNetCore;

namespace Mlops.Datasets;

/// <summary>The dataset service's features, for its own process or one that runs several services.</summary>
public static class DatasetsService
{
    /// <summary>Adds registration of data sets and runs.</summary>
    public static WebApplicationBuilder AddDatasets(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<DatasetsOptions>().BindConfiguration(DatasetsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RegisterDataset>();
        builder.Services.AddSingleton<StartRun>();
        builder.Services.AddOpenApi(ApiDescription.Configure);
        return builder;
    }

    /// <summary>Maps the API under <c>/datasets</c>, its OpenAPI document and a page to try it.</summary>
    public static WebApplication MapDatasets(this WebApplication app)
    {
        var datasets = app.MapGroup("/datasets").WithTags("Data sets");
        RegisterDataset.Map(datasets);
        StartRun.Map(datasets);
        ListDatasets.Map(datasets);
        app.MapOpenApi();
        app.MapScalarApiReference("/api");
        return app;
    }
}
