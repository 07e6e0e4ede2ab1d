using System.ComponentModel.DataAnnotations;
using Mlops.Tabular;

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

    /// <summary>
    /// Memory that the rows of one training may take, in MiB, as it is estimated before they are read. A data set that would take
    /// more is read, encoded and gone over by way of files in <see cref="ScratchFolder"/>, a column or some batches at a time, and
    /// gives the same model; that takes some buffers besides, together up to 100 MiB.
    /// </summary>
    [Range(1, 1 << 24)]
    public int MemoryMiB { get; set; } = 1_024;

    /// <summary>Where these files are made, which vanish with the process; on a disk, not in memory. Empty for the system's folder of temporary files.</summary>
    public string ScratchFolder { get; set; } = "";

    /// <summary>The same for those who read rows.</summary>
    internal RowMemory RowMemory => new((long)MemoryMiB << 20, ScratchFolder.Length > 0 ? ScratchFolder : Path.GetTempPath());
}
