using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;
using Mlops.Tabular;

namespace Mlops.Scoring;

/// <summary>Some rows of a table as a model's input tensors.</summary>
internal sealed class InputBatch : IDisposable
{
    private readonly OrtValue[] _values;

    /// <summary>The rows <paramref name="start"/> … <paramref name="start"/> + <paramref name="count"/> − 1.</summary>
    public InputBatch(ModelSignature signature, Table table, int start, int count) =>
        _values = [.. signature.Inputs.Select(input => Fill(input, table, start, count))];

    /// <summary>In the order of the signature's inputs.</summary>
    public IReadOnlyList<OrtValue> Values => _values;

    public void Dispose()
    {
        foreach (var value in _values)
            value.Dispose();
    }

    /// <summary>Refuses a table whose columns are not what the inputs hold; lists every problem.</summary>
    public static void Check(ModelSignature signature, Table table)
    {
        var there = table.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        var problems = new List<Problem>();
        foreach (var input in signature.Inputs)
        {
            var type = TypeOf(input);
            foreach (var name in input.Columns)
            {
                if (!there.TryGetValue(name, out var column))
                    problems.Add(new Problem(name, $"missing; the model's input '{input.Name}' takes it"));
                else if (column.Type != type)
                    problems.Add(new Problem(name, $"a {Lower(column.Type)} column; the model's input '{input.Name}' takes a {Lower(type)} one"));
                else if (column is NumericColumn numbers && NumberDatatype.Find(input.Datatype)?.WhyNot(numbers) is { } reason)
                    problems.Add(new Problem(name, reason));
            }
        }
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
    }

    /// <summary>What an input's columns hold.</summary>
    private static ColumnType TypeOf(TensorSignature input) => input.Datatype == "BYTES" ? ColumnType.Categorical : ColumnType.Numeric;

    private static OrtValue Fill(TensorSignature input, Table table, int start, int count) =>
        TypeOf(input) == ColumnType.Numeric ? Numbers(input, table, start, count) : Texts(input, table, start, count);

    private static OrtValue Numbers(TensorSignature input, Table table, int start, int count) => input.Datatype switch
    {
        "BOOL" => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(Numbers<byte>(input, table, start, count), value => value != 0), Shape(input, count)),
        "INT8" => Tensor<sbyte>(input, table, start, count),
        "INT16" => Tensor<short>(input, table, start, count),
        "INT32" => Tensor<int>(input, table, start, count),
        "INT64" => Tensor<long>(input, table, start, count),
        "UINT8" => Tensor<byte>(input, table, start, count),
        "UINT16" => Tensor<ushort>(input, table, start, count),
        "UINT32" => Tensor<uint>(input, table, start, count),
        "UINT64" => Tensor<ulong>(input, table, start, count),
        "FP16" => OrtValue.CreateTensorValueFromMemory(
            Array.ConvertAll(Numbers<Half>(input, table, start, count), value => new Float16(BitConverter.HalfToUInt16Bits(value))), Shape(input, count)),
        "FP64" => Tensor<double>(input, table, start, count),
        _ => Tensor<float>(input, table, start, count),
    };

    private static OrtValue Tensor<T>(TensorSignature input, Table table, int start, int count)
        where T : unmanaged, INumber<T> => OrtValue.CreateTensorValueFromMemory(Numbers<T>(input, table, start, count), Shape(input, count));

    private static long[] Shape(TensorSignature input, int count) => [count, input.Columns.Count];

    private static T[] Numbers<T>(TensorSignature input, Table table, int start, int count)
        where T : unmanaged, INumber<T>
    {
        var width = input.Columns.Count;
        var values = new T[count * width];
        for (var j = 0; j < width; j++)
        {
            var column = ((NumericColumn)table[input.Columns[j]]).Values.Slice(start, count);
            for (var i = 0; i < count; i++)
                values[i * width + j] = T.CreateTruncating(column[i]);
        }
        return values;
    }

    private static OrtValue Texts(TensorSignature input, Table table, int start, int count)
    {
        var width = input.Columns.Count;
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [count, width]);
        for (var j = 0; j < width; j++)
        {
            var column = (CategoricalColumn)table[input.Columns[j]];
            for (var i = 0; i < count; i++)
                value.StringTensorSetElementAt(column.TextAt(start + i) ?? "", i * width + j);
        }
        return value;
    }

    private static string Lower(ColumnType type) => type == ColumnType.Numeric ? "numeric" : "categorical";
}
