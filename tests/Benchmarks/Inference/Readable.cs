using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mlops.Benchmarks.Inference;

/// <summary>Waits for a socket by less than a millisecond, which <see cref="Socket.Poll(TimeSpan, SelectMode)"/> cannot.</summary>
internal static class Readable
{
    private const short PollIn = 1;

    /// <summary>Whether something arrives within so many ticks of <see cref="Stopwatch"/>.</summary>
    public static bool Within(Socket socket, long ticks)
    {
        var wait = Math.Max(0, ticks);
        var file = new PollFile { Descriptor = (int)socket.Handle, Events = PollIn };
        var timeout = new TimeSpec { Seconds = wait / Stopwatch.Frequency, Nanoseconds = wait % Stopwatch.Frequency * 1_000_000_000 / Stopwatch.Frequency };
        return PPoll(ref file, 1, in timeout, 0) > 0;
    }

    [DllImport("libc", EntryPoint = "ppoll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int PPoll(ref PollFile files, nuint count, in TimeSpec timeout, nint signals);

    private struct PollFile
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
