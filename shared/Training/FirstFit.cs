namespace Mlops.Training;

/// <summary>What a fit came to whose best epoch validation rows told, and as far as which a refit goes on those rows as well.</summary>
/// <param name="Kept">The best epoch.</param>
/// <param name="Epochs">Epochs that ran.</param>
/// <param name="Rows">Rows that it learned from.</param>
/// <param name="Elapsed">What the epochs took.</param>
internal sealed record FirstFit(EpochReport Kept, int Epochs, long Rows, TimeSpan Elapsed);
