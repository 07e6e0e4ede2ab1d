using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mlops.Inference.Rest;

/// <summary>
/// Numbers, each as the shortest text that reads back to the same bits. JSON has no NaN: null stands for it both ways, as
/// with MLServer, and numpy reads null as NaN. Nothing stands for infinity: it travels as bytes alone. The raw form is
/// little-endian, and so is this machine.
/// </summary>
internal sealed class JsonNumbers<T> : JsonElements
    where T : unmanaged, INumberBase<T>, IMinMaxValue<T>
{
    private const int LongestText = 32;
    private static readonly int Size = Unsafe.SizeOf<T>();
    private static readonly bool HasFractions = typeof(T) == typeof(float) || typeof(T) == typeof(double);
    // A whole number has neither a fraction nor an exponent, even where they come to nothing.
    private static readonly NumberStyles Style = HasFractions ? NumberStyles.Float : NumberStyles.AllowLeadingSign;

    public override string Accepted { get; } = HasFractions
        ? string.Create(CultureInfo.InvariantCulture, $"a number from {T.MinValue} to {T.MaxValue} or null")
        : string.Create(CultureInfo.InvariantCulture, $"a whole number from {T.MinValue} to {T.MaxValue}");

    public override bool TryRead(ref Utf8JsonReader reader, ref Span<byte> rest, string field)
    {
        if (!TryParse(ref reader, out var value))
            return false;
        MemoryMarshal.Write(rest, value);
        rest = rest[Size..];
        return true;
    }

    public override void Write(Utf8JsonWriter json, in OutputTensor output)
    {
        Span<byte> text = stackalloc byte[LongestText];
        var elements = MemoryMarshal.Cast<byte, T>(output.Contents.Span);
        for (var index = 0; index < elements.Length; index++)
        {
            var element = elements[index];
            if (T.IsNaN(element))
            {
                json.WriteNullValue();
                continue;
            }

            if (T.IsInfinity(element))
                throw NotInJson(output, $"element {index} is {(T.IsNegative(element) ? "minus " : "")}infinite, for which JSON has no number");
            element.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
            json.WriteRawValue(text[..length], skipInputValidation: true);
        }
    }

    private static bool TryParse(ref Utf8JsonReader reader, out T value)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return T.TryParse(reader.ValueSpan, Style, CultureInfo.InvariantCulture, out value) && T.IsFinite(value);
        // Zero by zero: only the datatypes that have fractions have a NaN.
        value = HasFractions ? T.Zero / T.Zero : T.Zero;
        return HasFractions && reader.TokenType == JsonTokenType.Null;
    }
}
