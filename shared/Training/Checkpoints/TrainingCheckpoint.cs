using Mlops.Contracts;

namespace Mlops.Training.Checkpoints;

/// <summary>All that a training needs to go on after one of its epochs, but spec and rows. Immutable.</summary>
public sealed class TrainingCheckpoint
{
    internal TrainingCheckpoint(CheckpointHeader header, ReadOnlyMemory<byte> content) => (Header, Content) = (header, content);

    /// <summary>The last epoch that ran: 1, 2, 3 …</summary>
    public int Epoch => Header.Last.Epoch;

    /// <summary>Whether these epochs are of the refit that follows a training's first fit.</summary>
    public bool IsRefit => Header.Origin.FirstFit is not null;

    /// <summary>How long the training ran until then, without what was lost in between.</summary>
    public TimeSpan Elapsed => Header.Last.Elapsed;

    /// <summary>The whole as bytes, to be kept and read again. At most 1 GiB and some KiB.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    internal CheckpointHeader Header { get; }

    /// <summary>Reads a checkpoint's <see cref="Content"/>.</summary>
    /// <param name="content">Not copied, and not to be changed.</param>
    /// <exception cref="Fault">
    /// Corrupt: the bytes are torn or changed, or no checkpoint at all. Conflict: they are of a version that is not known here.
    /// </exception>
    public static TrainingCheckpoint Read(ReadOnlyMemory<byte> content) => new(CheckpointFile.Read(content.Span), content);
}
