using Mlops.Contracts.Spec;

namespace Mlops.Training.Optimization;

/// <summary>Lowers the learning rate where the loss no longer falls, as PyTorch's ReduceLROnPlateau does with a relative threshold.</summary>
internal sealed class Plateau(PlateauScheduleSpec spec)
{
    /// <summary>All that it knows; set to go on where another one stopped.</summary>
    public PlateauState State { get; set; } = new();

    /// <summary>Takes an epoch's loss.</summary>
    public void Take(double loss)
    {
        var (share, best, waited, cooling) = (State.Share, State.Best, State.Waited, State.Cooling);
        if (best is null || loss < best * (1 - spec.Threshold))
            (best, waited) = (loss, 0);
        else
            waited++;
        if (cooling > 0)
            (waited, cooling) = (0, cooling - 1);
        if (waited > spec.Patience)
            (share, waited, cooling) = (Math.Max(share * spec.Factor, Math.Min(share, spec.Minimum)), 0, spec.Cooldown);
        State = new PlateauState { Share = share, Best = best, Waited = waited, Cooling = cooling };
    }
}

/// <summary>Where a plateau's counting stands.</summary>
internal sealed record PlateauState
{
    /// <summary>Of the learning rate.</summary>
    public double Share { get; init; } = 1;

    /// <summary>The best loss so far; null before the first.</summary>
    public double? Best { get; init; }

    /// <summary>Epochs since without a better one.</summary>
    public int Waited { get; init; }

    /// <summary>Epochs that are not counted yet.</summary>
    public int Cooling { get; init; }
}
