using System.ComponentModel.DataAnnotations;

namespace Mlops.Trainer;

/// <summary>Settings of the trainer.</summary>
public sealed class TrainerOptions
{
    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "Trainer";

    /// <summary>Trainings, folds and trials among them, at a time in this process, one thread each.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>From one checkpoint of a training to the next, at least. What a killed worker had trained since its last one is trained again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The share of a training's time that its checkpoints may take; from 1 on, all there is.</summary>
    [Range(0.0001, 1)]
    public double CheckpointShare { get; set; } = 0.02;
}
