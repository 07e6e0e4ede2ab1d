using Mlops.Contracts.Spec;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using Mlops.Training.Optimization.Rules;
using Shouldly;
using TorchSharp;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>The rules in double precision and on tensors, against PyTorch in double precision, with gradients by hand.</summary>
[Collection(TrainingCollection.Name)]
public sealed class UpdateRuleTests
{
    private const int Rows = 8, Inputs = 3, Outputs = 2;

    public static TheoryData<string> Names => [.. OptimizerTests.Names.Select(row => row.Data).Where(name => OptimizerTests.SpecOf(name) is { Optimizer: FirstOrderSpec, Regularization: { ElasticNet: null, MaxNorm: null, ClipNorm: null, ClipValue: null } })];

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_DoublePrecision_IsThatOfPyTorch(string name) => Walk<Real>(name, value => new Real(value), value => value.Value, 1e-12);

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_Tensors_IsThatOfPyTorch(string name)
    {
        using var scope = torch.NewDisposeScope();
        Walk<OnDevice>(name, value => new OnDevice(torch.tensor((float)value)), value => value.Values.ToNumber(), 1e-5);
    }

    // The gradient of the mean of (x·w + b − y)², for each of the six weights and two biases.
    private static void Walk<T>(string name, Func<double, T> of, Func<T, double> number, double tolerance)
        where T : struct, IArithmetic<T>
    {
        var oracle = Oracle.Read("optimizers").GetProperty("double");
        var (x, y) = (Array.ConvertAll(Oracle.Normals(1, Rows * Inputs), value => (float)value), Array.ConvertAll(Oracle.Normals(2, Rows * Outputs), value => (float)value));
        T[] weights = [.. oracle.GetProperty("weight").Doubles().Concat(oracle.GetProperty("bias").Doubles()).Select(of)];
        var memories = weights.Select(_ => Enumerable.Repeat(of((OptimizerTests.SpecOf(name).Optimizer as AdagradSpec)?.InitialAccumulator ?? 0), 3).ToArray()).ToArray();
        var product = 1.0;
        for (var step = 1; step <= 20; step++)
        {
            var now = Array.ConvertAll(weights, weight => number(weight));
            for (var index = 0; index < weights.Length; index++)
                weights[index] = Step(OptimizerTests.SpecOf(name).Optimizer, step, ref product, weights[index], of(GradientOf(now, index, x, y)), memories[index], isFirst: index == 0);
            if (oracle.GetProperty("trajectories").GetProperty(name).TryGetProperty($"{step}", out var expected))
                weights.Select(number).ShouldBe(expected.GetProperty("weight").Doubles().Concat(expected.GetProperty("bias").Doubles()), tolerance, $"after {step} steps");
        }
    }

    private static double GradientOf(double[] weights, int index, float[] x, float[] y)
    {
        var (output, input) = index < Inputs * Outputs ? (index / Inputs, index % Inputs) : (index - (Inputs * Outputs), -1);
        return Enumerable.Range(0, Rows).Sum(row =>
        {
            var error = weights[(Inputs * Outputs) + output] - y[(row * Outputs) + output];
            for (var i = 0; i < Inputs; i++)
                error += x[(row * Inputs) + i] * weights[(output * Inputs) + i];
            return 2 * error * (input < 0 ? 1 : x[(row * Inputs) + input]) / (Rows * Outputs);
        });
    }

    private static T Step<T>(OptimizerSpec spec, int step, ref double product, T weight, T gradient, T[] memory, bool isFirst)
        where T : struct, IArithmetic<T>
    {
        if (spec is NAdamSpec nadam && isFirst)
            product *= NAdamRule.MomentumAt(nadam, step);
        return spec switch
        {
            SgdSpec { Momentum: 0 } sgd => Of(new GradientRule(sgd.LearningRate, sgd.WeightDecay)),
            SgdSpec sgd => Of(new MomentumRule(sgd.LearningRate, sgd.WeightDecay, sgd.Momentum, sgd.Nesterov)),
            NAdamSpec adam => Of(new NAdamRule(adam, step, adam.LearningRate, product)),
            RAdamSpec adam => Of(new RAdamRule(adam, step, adam.LearningRate)),
            MomentsSpec adam => Of(new AdamRule(adam, step, adam.LearningRate)),
            RmsPropSpec prop => Of(new RmsPropRule(prop, prop.LearningRate)),
            AdagradSpec grad => Of(new AdagradRule(grad, step, grad.LearningRate)),
            _ => throw new ArgumentOutOfRangeException(nameof(spec)),
        };

        T Of<TRule>(TRule rule)
            where TRule : struct, IUpdateRule
            => rule.Step(weight, gradient, ref memory[0], ref memory[1], ref memory[2]);
    }

    /// <summary>A number in double precision.</summary>
    private readonly record struct Real(double Value) : IArithmetic<Real>
    {
        public static Real operator +(Real left, Real right) => new(left.Value + right.Value);

        public static Real operator -(Real left, Real right) => new(left.Value - right.Value);

        public static Real operator *(Real left, Real right) => new(left.Value * right.Value);

        public static Real operator /(Real left, Real right) => new(left.Value / right.Value);

        public static Real operator *(double left, Real right) => new(left * right.Value);

        public static Real operator +(Real left, double right) => new(left.Value + right);

        public static Real Sqrt(Real value) => new(Math.Sqrt(value.Value));
    }
}
