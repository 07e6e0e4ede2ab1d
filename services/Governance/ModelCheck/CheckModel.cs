using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Scoring;

namespace Mlops.Governance.ModelCheck;

/// <summary>
/// A model's check: it is parsed, loaded and run once in a process of its own, so that it may take no more than it is given and
/// may break nothing but itself: <c>governance check-model</c>. The file comes by standard input; the answer is a line of JSON.
/// Parsing belongs here too: a field of two bytes becomes an object of a hundred.
/// </summary>
internal static class CheckModel
{
    /// <summary>The command's name.</summary>
    public const string Command = "check-model";

    private const int MostProblems = 50, LongestText = 1_000;
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
        Console.Out.WriteLine(JsonSerializer.Serialize(Check(model)));
        return 0;
    }

    private static CheckAnswer Check(byte[] model)
    {
        try
        {
            var signature = Read(model);
            // What was parsed is as large as the file, and nobody tells the collector of the limit.
            GC.Collect();
            TrialRun.Run(model);
            return new CheckAnswer([], signature);
        }
        catch (Fault fault)
        {
            return new CheckAnswer(Bounded(fault.Problems), null);
        }
    }

    private static GraphSignature Read(byte[] file)
    {
        var model = OnnxFile.Parse(file);
        AcceptedModel.Check(model);
        var signature = GraphSignature.Of(model);
        foreach (var tensor in signature.Inputs.Concat(signature.Outputs).Where(tensor => tensor.Name.Length > LongestText))
            throw Fault.Invalid("graph", $"an input or output whose name has {tensor.Name.Length} characters; up to {LongestText} are accepted");
        return signature;
    }

    // Names in a model may be as long as the model.
    private static List<Problem> Bounded(IReadOnlyList<Problem> problems)
    {
        var told = problems.Take(MostProblems).Select(problem => new Problem(Shorten(problem.Field), Shorten(problem.Message))).ToList();
        if (problems.Count > MostProblems)
            told.Add(new Problem("", $"and {problems.Count - MostProblems} more"));
        return told;
    }

    private static string Shorten(string text) => text.Length > LongestText ? text[..LongestText] + "…" : text;

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
/// <param name="Problems">Everything that is wrong with it.</param>
/// <param name="Signature">What its graph takes and gives, where nothing is wrong.</param>
internal sealed record CheckAnswer(IReadOnlyList<Problem> Problems, GraphSignature? Signature);
