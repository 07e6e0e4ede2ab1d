using System.ComponentModel.DataAnnotations;

namespace Mlops.Trainer;

/// <summary>Settings of the trainer.</summary>
public sealed class TrainerOptions
{
    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "Trainer";

    /// <summary>Trainings at a time in this process, one thread each.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 8);
}
