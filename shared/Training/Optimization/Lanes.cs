using System.Numerics;

namespace Mlops.Training.Optimization;

/// <summary>Several 32-bit floats at once. Each is computed as it would be alone, so that a machine's width does not change a bit.</summary>
internal readonly struct Lanes(Vector<float> values) : IArithmetic<Lanes>
{
    public Vector<float> Values { get; } = values;

    public static Lanes operator +(Lanes left, Lanes right) => new(left.Values + right.Values);

    public static Lanes operator -(Lanes left, Lanes right) => new(left.Values - right.Values);

    public static Lanes operator *(Lanes left, Lanes right) => new(left.Values * right.Values);

    public static Lanes operator /(Lanes left, Lanes right) => new(left.Values / right.Values);

    public static Lanes operator *(double left, Lanes right) => new(new Vector<float>((float)left) * right.Values);

    public static Lanes operator +(Lanes left, double right) => new(left.Values + new Vector<float>((float)right));

    public static Lanes Sqrt(Lanes value) => new(Vector.SquareRoot(value.Values));
}
