using Mlops.Contracts;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

/// <summary>A gigabyte of nonsense is refused after a few of its bytes, in little memory.</summary>
public sealed class CsvNonsenseTests
{
    private const long Gigabyte = 1L << 30;

    private static readonly Dictionary<string, byte[]> Nonsense = new()
    {
        ["zeros"] = new byte[4_096],
        ["noise"] = Noise(),
        ["one endless line"] = "abcdefgh"u8.ToArray(),
        ["commas"] = ",,,,"u8.ToArray(),
        ["empty lines"] = "\n\n\n\n"u8.ToArray(),
        ["an endless quote"] = "a,b\n1,2\n3,\"4\n5,6\n"u8.ToArray(),
        ["one header again and again"] = "a,b\n1\n"u8.ToArray(),
    };

    public static TheoryData<string> Names => [.. Nonsense.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_AGigabyteOfNonsense_RefusedEarlyInLittleMemory(string name)
    {
        using var stream = new RepeatingStream(Nonsense[name], Gigabyte);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var fault = Should.Throw<Fault>(() => CsvTable.Read(stream, new CsvOptions(), TestContext.Current.CancellationToken));

        fault.Kind.ShouldBe(FaultKind.Invalid);
        stream.Consumed.ShouldBeLessThan(3 << 20);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(96 << 20);
    }

    [Fact]
    public void Read_EndlessGoodRows_RefusedAtTheBoundOfBytes()
    {
        using var stream = new RepeatingStream("1,2\n"u8.ToArray(), Gigabyte);

        var fault = Should.Throw<Fault>(() => CsvTable.Read(stream, new CsvOptions { MaxBytes = 1 << 20 }, TestContext.Current.CancellationToken));

        fault.Kind.ShouldBe(FaultKind.TooLarge);
        // The decoder's buffer may run ahead.
        stream.Consumed.ShouldBeInRange(1 << 20, (1 << 20) + (1 << 18));
    }

    private static byte[] Noise()
    {
        var noise = new byte[1 << 16];
        var state = 1u;
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (byte)((state = state * 1_664_525 + 1_013_904_223) >> 24);
        return noise;
    }

    private sealed class RepeatingStream(byte[] pattern, long length) : Stream
    {
        public long Consumed { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => Consumed; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var read = (int)Math.Min(buffer.Length, length - Consumed);
            for (var i = 0; i < read; i++)
                buffer[i] = pattern[(Consumed + i) % pattern.Length];
            Consumed += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
