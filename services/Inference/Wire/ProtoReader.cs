using Mlops.Contracts;

namespace Mlops.Inference.Wire;

/// <summary>How a field's value is laid out.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}

/// <summary>
/// Reads a message of Protocol Buffers field by field, in place. Positions are those of the whole buffer, so that a part of
/// it can be kept without a copy.
/// </summary>
internal ref struct ProtoReader
{
    private readonly ReadOnlySpan<byte> _buffer;
    private readonly int _end;
    private int _position;

    public ProtoReader(ReadOnlySpan<byte> buffer)
        : this(buffer, new Part(0, buffer.Length))
    {
    }

    /// <summary>Reads a message inside another one's buffer.</summary>
    public ProtoReader(ReadOnlySpan<byte> buffer, Part message)
    {
        _buffer = buffer;
        _position = message.Start;
        _end = message.Start + message.Length;
    }

    /// <summary>The next field, or false at the message's end.</summary>
    /// <exception cref="Fault">There is something else than a field.</exception>
    public bool TryField(out int number, out WireType type)
    {
        (number, type) = (0, default);
        if (_position == _end)
            return false;
        var tag = Varint();
        (number, type) = ((int)(tag >> 3), (WireType)(tag & 7));
        return tag is > 7 and <= uint.MaxValue ? true : throw Malformed();
    }

    /// <exception cref="Fault">The message ends within it.</exception>
    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70 && _position < _end; shift += 7)
        {
            var next = _buffer[_position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw Malformed();
    }

    /// <summary>Where the value of a field of <see cref="WireType.Length"/> lies.</summary>
    /// <exception cref="Fault">It is not of that type, or longer than what is left.</exception>
    public Part Bytes(WireType type)
    {
        var length = type == WireType.Length ? Varint() : throw Malformed();
        if (length > (ulong)(_end - _position))
            throw Malformed();
        var part = new Part(_position, (int)length);
        _position += part.Length;
        return part;
    }

    /// <summary>A field of text.</summary>
    public string Text(WireType type, KnownNames names) => names.Find(_buffer.Slice(Bytes(type)));

    /// <summary>Passes over a field that is not known, as the format asks.</summary>
    public void Skip(WireType type)
    {
        switch (type)
        {
            case WireType.Varint:
                Varint();
                break;
            case WireType.Length:
                Bytes(type);
                break;
            case WireType.Fixed32 or WireType.Fixed64:
                var size = type == WireType.Fixed32 ? sizeof(uint) : sizeof(ulong);
                _position = _end - _position >= size ? _position + size : throw Malformed();
                break;
            default:
                throw Malformed();
        }
    }

    private readonly Fault Malformed() => Fault.Invalid("", $"not a message that can be read: wrong at byte {_position} of {_buffer.Length}");
}

/// <summary>A part of a buffer.</summary>
internal readonly record struct Part(int Start, int Length);

/// <summary>Parts of buffers.</summary>
internal static class Parts
{
    public static ReadOnlySpan<byte> Slice(this ReadOnlySpan<byte> buffer, Part part) => buffer.Slice(part.Start, part.Length);

    public static ReadOnlyMemory<byte> Slice(this ReadOnlyMemory<byte> buffer, Part part) => buffer.Slice(part.Start, part.Length);
}
