using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mlops.Contracts.Spec;

namespace Mlops.Training.Gradients;

/// <summary>Activations together with their derivatives, in one pass over the memory.</summary>
internal static class ActivationSlopes
{
    private interface ICurve
    {
        static abstract (Vector<float> Value, Vector<float> Slope) At(Vector<float> input);
    }

    /// <summary>Activates numbers in place.</summary>
    /// <param name="activation">By what.</param>
    /// <param name="values">A multiple of the widest register long.</param>
    /// <param name="slopes">As many derivatives, which are written.</param>
    public static void Apply(this Activation activation, Span<float> values, Span<float> slopes)
    {
        var lanes = MemoryMarshal.Cast<float, Vector<float>>(values);
        var lanesOfSlopes = MemoryMarshal.Cast<float, Vector<float>>(slopes);
        switch (activation)
        {
            case Activation.Relu:
                Follow<Relu>(lanes, lanesOfSlopes);
                break;
            case Activation.Tanh:
                Follow<Tanh>(lanes, lanesOfSlopes);
                break;
            default:
                Follow<Silu>(lanes, lanesOfSlopes);
                break;
        }
    }

    private static void Follow<TCurve>(Span<Vector<float>> values, Span<Vector<float>> slopes)
        where TCurve : ICurve
    {
        for (var at = 0; at < values.Length; at++)
            (values[at], slopes[at]) = TCurve.At(values[at]);
    }

    private readonly struct Relu : ICurve
    {
        // What is no number stays so, and is found in the loss.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static (Vector<float> Value, Vector<float> Slope) At(Vector<float> input) => (
            Vector.ConditionalSelect(Vector.LessThan(input, Vector<float>.Zero), Vector<float>.Zero, input),
            Vector.ConditionalSelect(Vector.GreaterThan(input, Vector<float>.Zero), Vector<float>.One, Vector<float>.Zero));
    }

    // Near 0 by the polynomial of Cephes (Moshier, tanhf), where the exponential function would cancel digits.
    private readonly struct Tanh : ICurve
    {
        private const float Near = 0.625f;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static (Vector<float> Value, Vector<float> Slope) At(Vector<float> input)
        {
            var size = Vector.Abs(input);
            var far = Vector.CopySign(Vector<float>.One - (new Vector<float>(2) / (Vector.Exp(size + size) + Vector<float>.One)), input);
            var square = input * input;
            var sum = new Vector<float>(-5.70498872745e-3f);
            sum = (sum * square) + new Vector<float>(2.06390887954e-2f);
            sum = (sum * square) - new Vector<float>(5.37397155531e-2f);
            sum = (sum * square) + new Vector<float>(1.33314422036e-1f);
            sum = (sum * square) - new Vector<float>(3.33332819422e-1f);
            var value = Vector.ConditionalSelect(Vector.LessThan(size, new Vector<float>(Near)), (sum * square * input) + input, far);
            return (value, Vector<float>.One - (value * value));
        }
    }

    private readonly struct Silu : ICurve
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static (Vector<float> Value, Vector<float> Slope) At(Vector<float> input)
        {
            var sigmoid = Vector<float>.One / (Vector<float>.One + Vector.Exp(-input));
            return (input * sigmoid, sigmoid * (Vector<float>.One + (input * (Vector<float>.One - sigmoid))));
        }
    }
}
