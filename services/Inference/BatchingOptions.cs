using System.ComponentModel.DataAnnotations;

namespace Mlops.Inference;

/// <summary>
/// How requests of one model share runs. A request that finds a run free starts at once; those that come while all runs are
/// busy wait together and go on as one batch. Where runs take milliseconds, so many rows are put into each as make all runs
/// equal, for which a request waits at most a tenth of a run.
/// </summary>
public sealed class BatchingOptions : IValidatableObject
{
    /// <summary>Most rows of a run that several requests share; 1 shares none.</summary>
    [Range(1, 4096)]
    public int MaxRows { get; set; } = 64;

    /// <summary>
    /// How long a request may wait for others, in microseconds, while another run is under way; 0 leaves it to the server, by how
    /// long runs take.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxQueueDelayMicroseconds { get; set; }

    /// <summary>Numbers of rows that the model is fastest at, if any: a batch is cut to the largest that the waiting rows fill.</summary>
    public int[] PreferredRows { get; set; } = [];

    /// <summary>Most requests that wait; further ones are refused at once as UNAVAILABLE.</summary>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; set; } = 1024;

    /// <summary>Runs of a model at once; 0 for as many as there are processors.</summary>
    [Range(0, 1024)]
    public int Runs { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        PreferredRows.Any(rows => rows < 1 || rows > MaxRows)
            ? [new ValidationResult($"The field {nameof(PreferredRows)} must hold numbers between 1 and {nameof(MaxRows)}, {MaxRows}.", [nameof(PreferredRows)])]
            : [];
}
