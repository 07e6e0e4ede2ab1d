using Mlops.Hosting;

namespace Mlops.Evaluator;

/// <summary>The evaluator's features, for its own process or one that runs several services.</summary>
public static class EvaluatorService
{
    /// <summary>Adds evaluation.</summary>
    public static WebApplicationBuilder AddEvaluator(this WebApplicationBuilder builder)
    {
        builder.Services.AddEventConsumer<AcceptEvaluation>();
        builder.Services.AddWork<EvaluateModel>();
        return builder;
    }
}
