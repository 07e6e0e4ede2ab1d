using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;
using Mlops.Contracts;
using Mlops.Onnx.Format;

namespace Mlops.Onnx.Certificates;

/// <summary>
/// Where certificate and samples stand in a model's metadata: <c>mlops.parity.certificate</c> as JSON, and each tensor as the
/// base64 of its protobuf bytes under the name that its file would have among an ONNX model's test data,
/// <c>mlops.parity.test_data_set_0.input_0</c>.
/// </summary>
internal static class CertificateStore
{
    private const string Prefix = "mlops.parity.", CertificateKey = Prefix + "certificate", Set = "test_data_set_";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void Add(ModelProto model, ParityCertificate certificate, IReadOnlyList<ParitySample> samples)
    {
        model.MetadataProps.Add(new StringStringEntryProto { Key = CertificateKey, Value = JsonSerializer.Serialize(certificate, Json) });
        foreach (var (name, tensor) in Named(samples))
            model.MetadataProps.Add(new StringStringEntryProto { Key = Prefix + name, Value = tensor.ToByteString().ToBase64() });
    }

    public static void Remove(ModelProto model)
    {
        var others = model.MetadataProps.Where(entry => !entry.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToArray();
        model.MetadataProps.Clear();
        model.MetadataProps.AddRange(others);
    }

    public static ParityCertificate? Read(ModelProto model)
    {
        if (model.MetadataProps.FirstOrDefault(entry => entry.Key == CertificateKey) is not { } stored)
            return null;
        try
        {
            return JsonSerializer.Deserialize<ParityCertificate>(stored.Value, Json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw Fault.Invalid(CertificateKey, $"is no parity certificate: {e.Message}");
        }
    }

    public static IReadOnlyList<ParitySample> ReadSamples(ModelProto model)
    {
        var entries = model.MetadataProps.GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.First().Value, StringComparer.Ordinal);
        var samples = new List<ParitySample>();
        while (ReadAll(entries, samples.Count, "input") is { Count: > 0 } inputs)
            samples.Add(new ParitySample(inputs, ReadAll(entries, samples.Count, "output")));
        return samples;
    }

    /// <summary>SHA-256 of a model's bytes.</summary>
    public static string DigestOf(byte[] model) => Convert.ToHexStringLower(SHA256.HashData(model));

    /// <summary>SHA-256 of the samples, each tensor with its name in the order in which they are stored.</summary>
    public static string DigestOf(IReadOnlyList<ParitySample> samples)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        using (var output = new CodedOutputStream(stream))
        {
            foreach (var (name, tensor) in Named(samples))
            {
                output.WriteString(name);
                output.WriteMessage(tensor);
            }
        }
        return Convert.ToHexStringLower(hash.Hash!);
    }

    private static IEnumerable<(string Name, TensorProto Tensor)> Named(IReadOnlyList<ParitySample> samples) => samples.SelectMany((sample, set) => sample.Inputs
        .Select((tensor, index) => ($"{Set}{set}.input_{index}", tensor))
        .Concat(sample.Outputs.Select((tensor, index) => ($"{Set}{set}.output_{index}", tensor))));

    private static List<TensorProto> ReadAll(Dictionary<string, string> entries, int set, string side)
    {
        var tensors = new List<TensorProto>();
        while (entries.TryGetValue($"{Prefix}{Set}{set}.{side}_{tensors.Count}", out var text))
            tensors.Add(ReadTensor($"{Prefix}{Set}{set}.{side}_{tensors.Count}", text));
        return tensors;
    }

    private static TensorProto ReadTensor(string key, string text)
    {
        try
        {
            var tensor = TensorProto.Parser.ParseFrom(ByteString.FromBase64(text));
            return TensorCheck.Find(tensor) is { } problem ? throw Fault.Invalid(key, problem) : tensor;
        }
        catch (Exception e) when (e is FormatException or InvalidProtocolBufferException)
        {
            throw Fault.Invalid(key, $"is no tensor: {e.Message}");
        }
    }
}
