using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx.Rows;

/// <summary>
/// Runs rows in ONNX Runtime, each alone and then in batches with others far from them: the judge of what the analysis says.
/// </summary>
internal sealed class Company : IDisposable
{
    private static readonly float[] Outliers = [1e30f, -1e30f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e-40f, 0, 12_345];
    private static readonly string[] Words = ["red", "green", "blue", "Dream", "one two"];

    private readonly double _tolerance;
    private readonly ModelProto _model;
    private readonly InferenceSession _session;
    private readonly Random _random;

    private Company(ModelProto model, int seed, double tolerance)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        (_model, _session, _random, _tolerance) = (model, new InferenceSession(OnnxFile.Write(model), options), new Random(seed), tolerance);
    }

    /// <summary>
    /// What the company of others changed in the answer to a row, or null. A batch in which ordinary rows fail is a change too.
    /// The tolerance is relative to the largest number of the row: kernels sum in another order for another number of rows.
    /// </summary>
    /// <exception cref="OnnxRuntimeException">The model does not load, or a row alone does not run.</exception>
    public static string? Changes(ModelProto model, int seed = 1, double tolerance = 1e-6)
    {
        using var company = new Company(model, seed, tolerance);
        return new[] { 2, 3, 5, 8 }.Select(company.ChangesAmong).FirstOrDefault(change => change is not null);
    }

    public void Dispose() => _session.Dispose();

    private string? ChangesAmong(int count)
    {
        // Every second row is an ordinary one, whose answer is compared.
        var batch = Enumerable.Range(0, count).Select(row => Row(outlier: row % 2 != count % 2)).ToArray();
        var ordinary = Enumerable.Range(0, count).Where(row => row % 2 == count % 2).ToArray();
        var alone = ordinary.Select(row => Run([batch[row]])).ToArray();
        Answer[] together;
        try
        {
            together = Run(batch);
        }
        catch (OnnxRuntimeException e)
        {
            return $"a batch of {count} fails: {e.Message}";
        }
        return ordinary.Index().SelectMany(row => together.Zip(alone[row.Index], (batch, alone) => Compare(batch, alone, row.Item, count)))
            .FirstOrDefault(change => change is not null);
    }

    private string? Compare(Answer together, Answer alone, int row, int count)
    {
        if (alone.Shape is not [1, ..] || together.Shape is not [var rows, ..] || rows != count || !together.Shape.Skip(1).SequenceEqual(alone.Shape.Skip(1)))
            return $"shape [{string.Join(", ", together.Shape)}] for {count} rows, [{string.Join(", ", alone.Shape)}] for one";
        var width = alone.Elements.Length;
        var mine = together.Elements.AsSpan(row * width, width);
        var scale = alone.Elements.OfType<double>().Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        for (var i = 0; i < width; i++)
            if (!Same(mine[i], alone.Elements[i], _tolerance * scale))
                return $"element {i} of row {row} of {count} is {mine[i]}, alone it is {alone.Elements[i]}";
        return null;
    }

    private static bool Same(object one, object other, double tolerance) =>
        one.Equals(other) || (one is double a && other is double b && Math.Abs(a - b) <= tolerance);

    private Answer[] Run(Array[][] rows)
    {
        using var options = new RunOptions();
        var inputs = _model.Graph.Input.Index().ToDictionary(input => input.Item.Name, input => Tensor(input.Item, [.. rows.Select(row => row[input.Index])]));
        try
        {
            using var outputs = _session.Run(options, inputs, [.. _model.Graph.Output.Select(output => output.Name)]);
            return [.. outputs.Select(output => new Answer(output.GetTensorTypeAndShape().Shape, Elements(output)))];
        }
        finally
        {
            foreach (var input in inputs.Values)
                input.Dispose();
        }
    }

    private Array[] Row(bool outlier) => [.. _model.Graph.Input.Select(input => Values(input, outlier))];

    private Array Values(ValueInfoProto input, bool outlier)
    {
        var count = (int)RowShape(input).Aggregate(1L, (product, length) => product * length);
        return (DataType)input.Type.TensorType.ElemType switch
        {
            // Steps of 1/8: small sums of products are exact in any order.
            DataType.Float => Make(count, () => outlier ? Outliers[_random.Next(Outliers.Length)] : _random.Next(-16, 17) / 8f),
            DataType.String => Make(count, () => outlier ? string.Concat(Enumerable.Repeat("very long ", _random.Next(4))) : Words[_random.Next(Words.Length)]),
            DataType.Int64 => Make(count, () => (long)_random.Next(3)),
            DataType.Uint8 => Make(count, () => outlier ? byte.MaxValue : (byte)_random.Next(100)),
            DataType.Int8 => Make(count, () => outlier ? sbyte.MinValue : (sbyte)_random.Next(100)),
            DataType.Bool => Make(count, () => _random.Next(2) == 0),
            var type => throw new NotSupportedException($"{type}"),
        };
    }

    private static T[] Make<T>(int count, Func<T> value) => [.. Enumerable.Range(0, count).Select(_ => value())];

    /// <summary>A length that may vary is 3.</summary>
    private static IEnumerable<long> RowShape(ValueInfoProto input) =>
        input.Type.TensorType.Shape.Dim.Skip(1).Select(dimension => dimension.HasDimValue ? dimension.DimValue : 3);

    private static OrtValue Tensor(ValueInfoProto input, Array[] rows)
    {
        long[] shape = [rows.Length, .. RowShape(input)];
        return rows[0] switch
        {
            string[] => Ort.Texts(Joined<string>(rows), shape),
            float[] => OrtValue.CreateTensorValueFromMemory(Joined<float>(rows), shape),
            long[] => OrtValue.CreateTensorValueFromMemory(Joined<long>(rows), shape),
            byte[] => OrtValue.CreateTensorValueFromMemory(Joined<byte>(rows), shape),
            sbyte[] => OrtValue.CreateTensorValueFromMemory(Joined<sbyte>(rows), shape),
            _ => OrtValue.CreateTensorValueFromMemory(Joined<bool>(rows), shape),
        };
    }

    private static T[] Joined<T>(Array[] rows) => [.. rows.Cast<T[]>().SelectMany(row => row)];

    private static object[] Elements(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.String => [.. value.GetStringTensorAsArray()],
        TensorElementType.Float => [.. value.GetTensorDataAsSpan<float>().ToArray().Select(number => (object)(double)number)],
        TensorElementType.Int64 => [.. value.GetTensorDataAsSpan<long>().ToArray().Cast<object>()],
        TensorElementType.Int32 => [.. value.GetTensorDataAsSpan<int>().ToArray().Cast<object>()],
        TensorElementType.UInt8 => [.. value.GetTensorDataAsSpan<byte>().ToArray().Cast<object>()],
        TensorElementType.Int8 => [.. value.GetTensorDataAsSpan<sbyte>().ToArray().Cast<object>()],
        TensorElementType.Bool => [.. value.GetTensorDataAsSpan<bool>().ToArray().Cast<object>()],
        var type => throw new NotSupportedException($"{type}"),
    };

    private sealed record Answer(long[] Shape, object[] Elements);
}
