using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>Where training runs: <c>auto</c>, <c>cpu</c>, <c>cuda</c>, or one CUDA device of several, such as <c>cuda:1</c>.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct Device
{
    private const string AutoName = "auto", CpuName = "cpu", CudaName = "cuda";

    private readonly string? _name;

    private Device(string? name, int? index = null) => (_name, Index) = (name, index);

    /// <summary>A CUDA device where the worker has one, else the processor.</summary>
    public static Device Auto => default;

    /// <summary>The processor.</summary>
    public static Device Cpu { get; } = new(CpuName);

    /// <summary>The first CUDA device; the work waits for a worker that has one.</summary>
    public static Device Cuda { get; } = new(CudaName);

    /// <summary>Which CUDA device of the worker's, from 0; null where none is named.</summary>
    public int? Index { get; }

    /// <summary>Whether a CUDA device is asked for.</summary>
    public bool IsCuda => _name is CudaName;

    /// <summary>Reads a name.</summary>
    /// <returns>Null where it is none.</returns>
    public static Device? Parse(string name) => name switch
    {
        AutoName => Auto,
        CpuName => Cpu,
        CudaName => Cuda,
        _ when name.StartsWith($"{CudaName}:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(CudaName.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && name == new Device(CudaName, index).ToString() => new Device(CudaName, index),
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"{_name}:{index}") : _name ?? AutoName;

    internal static Device Read(SpecReader reader, string field)
    {
        if (reader.Text(field) is not { } name)
            return Auto;
        if (Parse(name) is { } device)
            return device;
        reader.Report(field, $"\"{name}\" is not accepted; auto, cpu, cuda or a CUDA device such as cuda:1 is");
        return Auto;
    }

    private sealed class Converter : JsonConverter<Device>
    {
        public override Device Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Parse(reader.GetString() ?? "") ?? throw new JsonException("no device");

        public override void Write(Utf8JsonWriter writer, Device value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
