using static TorchSharp.torch;

namespace Mlops.Training.Optimization;

/// <summary>A tensor, wherever it lies. What operators make belongs to the caller's dispose scope.</summary>
internal readonly struct OnDevice(Tensor values) : IArithmetic<OnDevice>
{
    public Tensor Values { get; } = values;

    public static OnDevice operator +(OnDevice left, OnDevice right) => new(left.Values + right.Values);

    public static OnDevice operator -(OnDevice left, OnDevice right) => new(left.Values - right.Values);

    public static OnDevice operator *(OnDevice left, OnDevice right) => new(left.Values * right.Values);

    public static OnDevice operator /(OnDevice left, OnDevice right) => new(left.Values / right.Values);

    public static OnDevice operator *(double left, OnDevice right) => new(right.Values * (float)left);

    public static OnDevice operator +(OnDevice left, double right) => new(left.Values + (float)right);

    public static OnDevice Sqrt(OnDevice value) => new(value.Values.sqrt());
}
