using System.Numerics;

namespace Mlops.Training.Optimization;

/// <summary>What a rule computes with: a number, several at once, or a tensor on a device. One definition of a rule serves all.</summary>
internal interface IArithmetic<T> : IAdditionOperators<T, T, T>, ISubtractionOperators<T, T, T>, IMultiplyOperators<T, T, T>, IDivisionOperators<T, T, T>
    where T : IArithmetic<T>
{
    /// <summary>Times a number.</summary>
    static abstract T operator *(double left, T right);

    /// <summary>Plus a number.</summary>
    static abstract T operator +(T left, double right);

    static abstract T Sqrt(T value);
}
