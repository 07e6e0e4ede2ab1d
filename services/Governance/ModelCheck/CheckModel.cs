using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mlops.Contracts;
using Mlops.Scoring;

namespace Mlops.Governance.ModelCheck;

/// <summary>
/// The part of a model's check that loads and runs it, in a process of its own, so that it may take no more than it is given and
/// may break nothing but itself: <c>governance check-model</c>. The file comes by standard input; the answer is a line of JSON.
/// </summary>
internal static class CheckModel
{
    /// <summary>The command's name.</summary>
    public const string Command = "check-model";

    private const int FileSize = 1, Data = 2, CoreFile = 4, Cpu = 0;

    public static bool IsAskedFor(string[] args) => args is [Command, ..];

    /// <param name="args">The command, the memory in MiB that the model may take, and the seconds.</param>
    public static int Run(string[] args)
    {
        var (memory, seconds) = (ulong.Parse(args[1], CultureInfo.InvariantCulture) << 20, ulong.Parse(args[2], CultureInfo.InvariantCulture));
        using var file = new MemoryStream();
        using (var input = Console.OpenStandardInput())
            input.CopyTo(file);
        var model = file.ToArray();
        Limit(memory + DataInUse(), seconds);
        string? problem = null;
        try
        {
            TrialRun.Run(model);
        }
        catch (Fault fault)
        {
            problem = fault.Problems[0].Message;
        }

        Console.Out.WriteLine(JsonSerializer.Serialize(new CheckAnswer(problem)));
        return 0;
    }

    /// <summary>Writes no file, takes no more memory, and ends by itself if nobody else ends it.</summary>
    private static void Limit(ulong memory, ulong seconds)
    {
        if (!OperatingSystem.IsLinux())
            return;
        Set(Data, memory);
        Set(FileSize, 0);
        Set(CoreFile, 0);
        Set(Cpu, (2 * seconds) + 5);
    }

    private static void Set(int resource, ulong most)
    {
        var limit = new Bounds(most, most);
        if (SetLimit(resource, in limit) != 0)
            throw new InvalidOperationException($"resource limit {resource} was not set: error {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>What the runtime has taken for itself until now.</summary>
    private static ulong DataInUse()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmData:", StringComparison.Ordinal));
        return ulong.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static extern int SetLimit(int resource, in Bounds limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Bounds(ulong Soft, ulong Hard);
}

/// <summary>What came of a model's check.</summary>
/// <param name="Problem">What is wrong with it; null where nothing is.</param>
internal sealed record CheckAnswer(string? Problem);
