using Mlops.Contracts.Spec;

namespace Mlops.Training.Loop;

/// <summary>Watches the validation loss: which epoch is the best so far, and whether to go on.</summary>
internal sealed class EarlyStopping(EarlyStoppingSpec spec)
{
    private double _bestLoss = double.PositiveInfinity;

    public int BestEpoch { get; private set; }

    /// <summary>Takes an epoch's loss; true where it is the best so far, so that its weights are worth keeping.</summary>
    public bool IsBest(int epoch, double loss)
    {
        if (loss >= _bestLoss - spec.MinDelta)
            return false;
        (BestEpoch, _bestLoss) = (epoch, loss);
        return true;
    }

    public bool ShouldStop(int epoch) => epoch - BestEpoch >= spec.Patience;
}
