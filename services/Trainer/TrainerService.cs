using Mlops.Hosting;
using Mlops.Trainer.Reproductions;
using Mlops.Training;

namespace Mlops.Trainer;

/// <summary>The trainer's features, for its own process or one that runs several services.</summary>
public static class TrainerService
{
    /// <summary>Adds training.</summary>
    public static WebApplicationBuilder AddTrainer(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<TrainerOptions>().BindConfiguration(TrainerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var options = builder.Configuration.GetSection(TrainerOptions.Section).Get<TrainerOptions>() ?? new TrainerOptions();
        builder.Services.AddSingleton(new WorkerCapabilities(ModelTrainer.HasCuda ? [WorkerCapabilities.Cpu, WorkerCapabilities.Cuda] : [WorkerCapabilities.Cpu]));
        builder.Services.AddSingleton<ModelTrainer>();
        builder.Services.AddSingleton<LeasedTraining>();
        builder.Services.AddSingleton<VariantAgain>();
        builder.Services.AddEventConsumer<AcceptTraining>();
        builder.Services.AddEventConsumer<CollectFolds>();
        builder.Services.AddEventConsumer<CollectTrials>();
        builder.Services.AddEventConsumer<AcceptReproduction>();
        // Trials, folds and whole trainings share the process's threads.
        var trainings = new WorkSlots(options.Concurrency);
        builder.Services.AddWork<RunTraining>(trainings);
        builder.Services.AddWork<RunFold>(trainings);
        builder.Services.AddWork<RunTrial>(trainings);
        builder.Services.AddWork<RunReproduction>(trainings);
        return builder;
    }
}
