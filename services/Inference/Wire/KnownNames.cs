using System.Collections.Concurrent;
using System.Text;
using Mlops.Scoring;

namespace Mlops.Inference.Wire;

/// <summary>Names that requests repeat, of datatypes, models and their tensors: each is one string, however often it is read.</summary>
public sealed class KnownNames
{
    private readonly ConcurrentDictionary<string, string> _names = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<byte>> _bytes;

    /// <summary>Knows the datatypes.</summary>
    public KnownNames()
    {
        _bytes = _names.GetAlternateLookup<ReadOnlySpan<byte>>();
        Add(TensorDatatype.All.Select(datatype => datatype.Name));
    }

    /// <summary>Adds what the server itself knows; never what a caller sends, who could fill the memory with it.</summary>
    public void Add(IEnumerable<string> names)
    {
        foreach (var name in names)
            _names.TryAdd(name, name);
    }

    /// <summary>The text of these bytes of UTF-8.</summary>
    public string Find(ReadOnlySpan<byte> utf8) =>
        utf8.IsEmpty ? "" : _bytes.TryGetValue(utf8, out var name) ? name : Encoding.UTF8.GetString(utf8);

    /// <summary>Texts by their UTF-8, so that bytes need not become a text first.</summary>
    private sealed class Utf8Comparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public int GetHashCode(string name) => GetHashCode(Encoding.UTF8.GetBytes(name));

        public bool Equals(ReadOnlySpan<byte> utf8, string name)
        {
            if (utf8.Length != name.Length)
                return utf8.SequenceEqual(Encoding.UTF8.GetBytes(name));
            for (var index = 0; index < utf8.Length; index++)
            {
                if (utf8[index] != name[index] || utf8[index] >= 0x80)
                    return false;
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<byte> utf8)
        {
            var hash = new HashCode();
            hash.AddBytes(utf8);
            return hash.ToHashCode();
        }

        public string Create(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
    }
}
