using System.Runtime.InteropServices;
using Mlops.Contracts.Spec;
using Mlops.Training.Networks;
using static TorchSharp.torch;

namespace Mlops.Training.Optimization;

/// <summary>
/// L-BFGS: Liu and Nocedal (1989), with the two-loop recursion of Nocedal and Wright, Numerical Optimization (2006), algorithm 7.4,
/// and PyTorch's choices (the first step's length, no pair of small curvature). A step is one iteration.
/// </summary>
internal sealed class Lbfgs : Optimizer
{
    private const double LeastCurvature = 1e-10;

    private readonly LbfgsSpec _spec;
    private readonly FlatWeights _weights;
    private readonly Tensor _gradient, _direction, _steps, _changes, _numbers;
    private bool _converged;

    public Lbfgs(LbfgsSpec spec, FlatWeights weights)
    {
        (_spec, _weights) = (spec, weights);
        using var scope = NewDisposeScope();
        _gradient = zeros_like(weights.Values).DetachFromDisposeScope();
        _direction = zeros_like(weights.Values).DetachFromDisposeScope();
        _steps = zeros([spec.History, weights.Values.shape[0]], device: weights.Values.device).DetachFromDisposeScope();
        _changes = zeros_like(_steps).DetachFromDisposeScope();
        _numbers = zeros(4, ScalarType.Float64).DetachFromDisposeScope();
    }

    public override bool HasConverged => _converged;

    public override IEnumerable<(string Name, Tensor Values)> Memory =>
    [
        ("optimizer/gradient", _gradient),
        ("optimizer/direction", _direction),
        ("optimizer/steps", _steps),
        ("optimizer/changes", _changes),
        ("optimizer/numbers", _numbers),
    ];

    // Of the last step, kept where a checkpoint finds them.
    private ref double Length => ref Numbers[0];

    private ref double Loss => ref Numbers[1];

    private ref double Curvature => ref Numbers[2];

    /// <summary>Pairs that were ever taken; the newest stand in the matrices in a ring.</summary>
    private ref double Pairs => ref Numbers[3];

    private Span<double> Numbers => MemoryMarshal.Cast<byte, double>(_numbers.bytes);

    public override void Step(double rate, Func<double> loss, Func<double> evaluate)
    {
        using var scope = NewDisposeScope();
        var (gradient, now) = (_weights.Gradients, loss());
        _converged = LargestOf(gradient) <= _spec.GradientTolerance || (Steps > 0 && Math.Abs(now - Loss) < _spec.ChangeTolerance);
        if (_converged)
            return;
        if (Steps > 0)
            Remember(gradient);
        _direction.copy_(Direction(gradient));
        _gradient.copy_(gradient);
        Length = rate * (Steps > 0 ? 1 : Math.Min(1, 1 / gradient.abs().sum().ToNumber()));
        Loss = now;
        Steps++;

        var slope = Dot(gradient, _direction);
        _converged = slope > -_spec.ChangeTolerance;
        if (_converged)
            return;
        if (_spec.LineSearch == LineSearch.StrongWolfe)
            Length = Search(now, slope, evaluate);
        else
            _weights.Values.add_(_direction, (float)Length);
        _converged = LargestOf(_direction) * Length <= _spec.ChangeTolerance;
    }

    public override void Dispose()
    {
        foreach (var (_, values) in Memory)
            values.Dispose();
    }

    // A step and the change of the gradient that it made, unless they say too little of the curvature.
    private void Remember(Tensor gradient)
    {
        var (step, change) = (_direction * (float)Length, gradient - _gradient);
        var curvature = Dot(change, step);
        if (curvature <= LeastCurvature)
            return;
        var row = (long)Pairs % _spec.History;
        _steps.select(0, row).copy_(step);
        _changes.select(0, row).copy_(change);
        Curvature = curvature / Dot(change, change);
        Pairs++;
    }

    private Tensor Direction(Tensor gradient)
    {
        var direction = -gradient;
        if (Pairs == 0)
            return direction;
        var newest = (long)Pairs - 1;
        var count = (int)Math.Min((long)Pairs, _spec.History);
        var shares = new double[count];
        for (var back = 0; back < count; back++)
        {
            var (step, change) = PairAt(newest - back);
            shares[back] = Dot(step, direction) / Dot(change, step);
            direction.sub_(change * (float)shares[back]);
        }
        direction.mul_((float)Curvature);
        for (var back = count - 1; back >= 0; back--)
        {
            var (step, change) = PairAt(newest - back);
            direction.add_(step * (float)(shares[back] - (Dot(change, direction) / Dot(change, step))));
        }
        return direction;
    }

    private double Search(double loss, double slope, Func<double> evaluate)
    {
        var from = _weights.Values.clone();
        var length = new StrongWolfe(Try, loss, slope).Search(Length);
        GoTo(length);
        return length;

        void GoTo(double step) => _weights.Values.copy_(from).add_(_direction, (float)step);

        (double Loss, double Slope) Try(double step)
        {
            GoTo(step);
            var found = evaluate();
            return (found, Dot(_weights.Gradients, _direction));
        }
    }

    private (Tensor Step, Tensor Change) PairAt(long pair) => (_steps.select(0, pair % _spec.History), _changes.select(0, pair % _spec.History));

    private static double Dot(Tensor left, Tensor right) => left.dot(right).ToNumber();

    private static double LargestOf(Tensor values) => values.abs().max().ToNumber();
}
